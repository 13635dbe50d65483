/*
 * What the runs of model/lease.pml share: the budgets of faults, the connection item, what each execution remembers,
 * the conditions, with what the broken variants leave out of them, and the steps' effects.
 *
 * `token` and `signals` are only ever compared with a remembered value. So each memory of one is a bit: "what I
 * remember is still what the item says". A take clears everybody's, an ADD likewise. That is exact, and finite.
 */
#ifndef RUNS
#define RUNS 3        /* executions alive at once; the slot of an ended one is used again */
#endif
#ifndef CHANGES
#define CHANGES 2     /* of the world: each makes the other of two routes right, and emits one event */
#endif
#ifndef TIMEOUTS
#define TIMEOUTS 0    /* AwaitNews ends by itself (that of a run which lost the lease always does) */
#endif
#ifndef SWEEP
#define SWEEP 0
#endif
#ifndef LAWS
#define LAWS 31       /* asserted: 1 oneHolder, 2 oneWriter, 4 noSignalLost, 8 routesRight, 16 waiterWoken */
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef EXPIRIES
#define EXPIRIES 0    /* of a lease whose run lives on, stalled */
#endif
#ifndef LOST_EVENTS
#define LOST_EVENTS 0
#endif
#ifndef DUPLICATES
#define DUPLICATES 0  /* events delivered once more */
#endif
#ifndef COMMANDS
#define COMMANDS 0    /* runs started by a human, with a trigger: they change what is right, too */
#endif
#ifndef LOST_WAKES
#define LOST_WAKES 0  /* WakeHolder fails for good, though the holder sleeps */
#endif
#ifndef UNASKED
#define UNASKED 0     /* WakeHolder without a live token, or AskHolder, fails for good */
#endif
#ifndef LOST_REPLIES
#define LOST_REPLIES 0 /* an update is made, its answer lost, and the Retry makes it again */
#endif
#ifndef LATE_TAKES
#define LATE_TAKES 0  /* an earlier attempt of a TakeLease that succeeded lands once more, later */
#endif
#ifndef LATE_RENEWS
#define LATE_RENEWS 0
#endif
#ifndef LOST_APPLIES
#define LOST_APPLIES 0 /* the apply task fails for its run while the function lives on */
#endif
#ifndef LATE_WRITES
#define LATE_WRITES 0 /* EC2 does not answer, and the route moves after apply has given up on it */
#endif

#define NOBODY RUNS
#define GONE (RUNS + 1) /* a spent task token; an execution whose slot was used again */
#define HAS(set, i) ((set) & (1 << (i)))
#define ADD(set, i) set = (set) | (1 << (i))
#define DROP(set, i) set = (set) & ~(1 << (i))

mtype = { ample, scarce, over };                                /* leaseUntil */
mtype = { idle, asked, alone, applied, nothing, lost, died };   /* apply: its work, then its answer */

/* The connection item. */
byte holder = NOBODY, waiter = NOBODY;
mtype until = over;
byte writer = NOBODY;        /* whose apply set writeUntil; NOBODY: absent */
bool writeOver;              /* writeUntil + grace has passed */
byte knowsToken;             /* runs whose remembered token is the item's */
byte knowsSignals;           /* runs whose `seen` is the item's signals */

/* The executions, their memory of what RecordSignal returned, and their apply functions. */
byte running, asleep, woken, command, recorded;
byte heldHolder[RUNS] = NOBODY, heldWaiter[RUNS] = NOBODY;
byte heldToken, heldOver;
mtype phase[RUNS] = idle;
bit target[RUNS];
byte sending;                /* past the fence, the request not landed */
byte flyer = NOBODY;         /* whose unanswered request is still under way */
bit flight;

/* The world, and what is on its way. */
bit right, route;
bool known = true;           /* a holder has looked since the last change */
byte pending, late, lateRenew;
byte sweeper = NOBODY;       /* a run the sweep started, until TakeLease has answered */

byte changes = CHANGES, crashes = CRASHES, expiries = EXPIRIES, lostEvents = LOST_EVENTS, duplicates = DUPLICATES;
byte commands = COMMANDS, lostWakes = LOST_WAKES, unasked = UNASKED, lostReplies = LOST_REPLIES, lateTakes = LATE_TAKES;
byte lateRenews = LATE_RENEWS, lostApplies = LOST_APPLIES, lateWrites = LATE_WRITES;

byte j;
bool oneHolder, oneWriter, noSignalLost, routesRight, waiterWoken, neverReached;
#define LAW(number, name, condition) if :: (LAWS & number) && !(condition) -> name = false; assert(name) :: else fi
#ifdef REACH
#define REACHED(place) if :: REACH == place -> neverReached = false; assert(neverReached) :: else fi
#else
#define REACHED(place)
#endif
#define TAKEN_OVER 1
#define WOKEN 2
#define TIMED_OUT 3
#define SLEEP_REFUSED 4
#define RELEASE_REFUSED 5
#define LEASE_LOST 6
#define FENCED 7
#define WAITED_OUT 8
#define HELD_BY_ME 9
#define LOST_AFTER_WRITE 10

#define MINE(i) (holder == i && HAS(knowsToken, i))
#define FREE (holder == NOBODY || until == over)
#define WORKING(i) (phase[i] == asked || phase[i] == alone)
#define IN_FLIGHT(i) (HAS(sending, i) || flyer == i)
#define UNUSED(i) (!HAS(running, i) && holder != i && phase[i] == idle && !HAS(late | lateRenew, i) && flyer != i)
#if RUNS > 2
#define IS_NEXT(i) (UNUSED(i) && (i < 1 || !UNUSED(0)) && (i < 2 || !UNUSED(1)))
#else
#define IS_NEXT(i) (UNUSED(i) && (i < 1 || !UNUSED(0)))
#endif
#define UNRECORDED(i) (HAS(command, i) && !HAS(recorded, i))
#define FIRST(set) (HAS(set, 0) -> 0 : (HAS(set, 1) -> 1 : 2))
#define LOOK if :: MINE(_pid) -> known = true :: else fi
#define LOOKS_FREE(i) (heldHolder[i] == NOBODY || HAS(heldOver, i) || (holder == heldHolder[i] && until == over))

/* The conditions, and what the broken variants leave out of them. */
#ifdef BROKEN_TAKE_OR_ME
#define MAY_TAKE(i) (FREE || holder == i)
#else
#define MAY_TAKE(i) FREE
#endif
#ifdef BROKEN_AWAIT_SIGNALS
#define MAY_SLEEP(i) MINE(i)
#else
#ifdef BROKEN_AWAIT_HOLDER
#define MAY_SLEEP(i) HAS(knowsSignals, i)
#else
#define MAY_SLEEP(i) (MINE(i) && HAS(knowsSignals, i))
#endif
#endif
#ifdef BROKEN_RELEASE_SIGNALS
#define MAY_RELEASE(i) MINE(i)
#else
#ifdef BROKEN_RELEASE_HOLDER
#define MAY_RELEASE(i) HAS(knowsSignals, i)
#else
#define MAY_RELEASE(i) (MINE(i) && HAS(knowsSignals, i))
#endif
#endif
#ifdef BROKEN_TAKE_OVER
#define WRITER_GONE true
#else
#define WRITER_GONE (writer == NOBODY || writeOver)
#endif

#define FORGOTTEN(list, k, i) if :: list[k] == i -> list[k] = GONE :: else fi
#if RUNS > 2
#define EACH(what, list, i) what(list, 0, i); what(list, 1, i); what(list, 2, i)
#else
#define EACH(what, list, i) what(list, 0, i); what(list, 1, i)
#endif

inline begin(i) {
  ADD(running, i); DROP(knowsToken, i); DROP(knowsSignals, i);
  if :: waiter == i -> waiter = GONE :: else fi;
  EACH(FORGOTTEN, heldHolder, i); EACH(FORGOTTEN, heldWaiter, i)
}

/* A sleep ended: its token is spent, whoever holds a copy. */
inline wakeUp(i) {
  DROP(asleep, i); DROP(woken, i);
  if :: waiter == i -> waiter = GONE :: else fi;
  EACH(FORGOTTEN, heldWaiter, i)
}

inline forgetHeld(i) { heldHolder[i] = NOBODY; heldWaiter[i] = NOBODY; DROP(heldToken, i); DROP(heldOver, i) }

/* The execution ends. Its apply function may live on, with the token it was given. */
inline stop(i) {
  forgetHeld(i); DROP(running, i); DROP(knowsSignals, i); DROP(command, i); DROP(recorded, i); takes = 0;
  if :: sweeper == i -> sweeper = NOBODY :: else fi;
  if :: HAS(asleep, i) -> wakeUp(i) :: else fi;
  if :: phase[i] == asked -> phase[i] = alone :: phase[i] == alone -> skip :: else -> phase[i] = idle fi;
  if :: phase[i] == idle && flyer != i -> DROP(knowsToken, i) :: else fi
}

inline take(i) {
  holder = i; until = ample; waiter = NOBODY; knowsToken = 1 << i; heldToken = 0;
  if :: sweeper == i -> sweeper = NOBODY :: else fi
}

inline free() { holder = NOBODY; until = over; waiter = NOBODY }

inline answer(i, result) {
  if :: phase[i] == alone -> phase[i] = idle :: else -> phase[i] = result fi;
  DROP(sending, i);
  if :: !HAS(running, i) && flyer != i -> DROP(knowsToken, i) :: else fi
}
