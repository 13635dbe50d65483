/*
 * The lease of one gateway that two connections share, as statemachines/failover.asl.json builds it. Each connection
 * has two runs: the second takes the connection over when the first only looked dead (STALLS). One that died is
 * followed by a fresh one in the same place. A rung is a client token.
 *
 * Time: a run may stall for as long as it likes; one that lost its connection meanwhile begins nothing any more, since its
 * decision is too old (AGELESS drops that). An automation begins as late as it likes: it claims the gateway in its first
 * step, and is refused there when somebody else's token has taken the place of its own. So one repair at a time needs no
 * clock (ANY_TIME: `until` says nothing; it holds with AGELESS, too). That a new identity is journalled before anybody else comes does:
 * `until` is made to outlive its rung (deadline plus settling), no run stalls for a whole rung before its start, and a
 * connection is not left unattended for as long as the settling (UNATTENDED drops that).
 *
 * A rescue (RESCUES) gives an order beside its writes, RescueBothWays: the journal of the writes puts it into memory, and the three
 * calls that start it have one try each. An order is a rung, but has no identity to keep.
 *
 * Lines "State: update IF condition" are held against the state machine's text by model/check.ts.
 */
#ifndef RUNGS
#define RUNGS 2       /* client tokens of each connection */
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef STALLS
#define STALLS 0      /* a run loses its connection to the second, and lives on */
#endif
#ifndef LATE_TAKES
#define LATE_TAKES 0  /* a TakeGateway that got no answer lands later */
#endif
#ifndef RESCUES
#define RESCUES 0     /* rungs that are orders, given beside writes */
#endif
/* PATIENT: no rung is given up. */
#ifndef LAWS
#define LAWS 7        /* which laws are asserted: 1 oneRepair, 2 identityKept, 4 nothingLeft, 8 orderGiven */
#endif

#define NONE 0
#define TOKENS (2 * RUNGS + 1)
#define OF(c, n) (1 + (c) * RUNGS + (n))   /* the n-th token of connection c */
#define HAS(set, i) ((set) & (1 << (i)))

mtype = { unborn, queued, runs, ends, refused };

/* The connection items: which of its two runs holds it, the open rung, and what was started. */
byte owner[2], open[2] = NONE;
byte journal[2] = NONE;      /* the token whose automation is journalled */
byte rungs[2];               /* tokens used */

/* The gateway item. */
byte holder = 2;             /* a connection; 2: none */
byte token = NONE;
byte covers;                 /* tokens whose rungs `until` outlives; none: it only lets the gateway settle */
byte claim = NONE;           /* the token whose automation claimed the gateway and was not seen off yet */
bit fence;                   /* which run of the connection took it; as built nobody asks */
bool passed = true;          /* until + grace has passed */
byte identities;             /* tokens whose new identity was ever journalled: the last one counts */

mtype automation[TOKENS] = unborn;
byte starting[4] = NONE;     /* by run: taken, not started yet */
byte lateTake = NONE, lateBy, lateSeen;
byte crashes = CRASHES, stalls = STALLS, lateTakes = LATE_TAKES, rescues = RESCUES;
byte orders;                 /* tokens that are orders */
byte moved;                  /* of those, which have their users moved */
bool oneRepair, identityKept, nothingLeft, orderGiven, neverReached;

#define LAW(number, name, condition) if :: (LAWS & number) && !(condition) -> name = false; assert(name) :: else fi
#ifdef REACH
#define REACHED(place) if :: REACH == place -> neverReached = false; assert(neverReached) :: else fi
#else
#define REACHED(place)
#endif
#define REFUSED 1
#define SAME_START 2
#define FREED_BY_OTHER 3
#define REFUSED_LATE 4
#define ORDER_AGAIN 5
#define ORDER_FIRST 6

#if RUNGS > 1
#define EACH(what) (what(1) && what(2) && what(3) && what(4))
#else
#define EACH(what) (what(1) && what(2))
#endif
#define AT_REST(t) (automation[t] != runs)
#define IS_STARTING(t) (automation[t] == queued || starting[0] == t || starting[1] == t || starting[2] == t || starting[3] == t)
#define IS_DONE(t) (automation[t] == ends || automation[t] == refused)
#define HAS_RUN(t) (automation[t] == runs || automation[t] == ends)
#define CARED_FOR(t) (automation[t] != ends || HAS(identities, t) || HAS(orders, t))
#define IS_GIVEN(t) (!HAS(moved, t) || IS_DONE(t))
#ifdef BROKEN_ANY_JOURNAL    /* what was journalled last counts for whatever rung is open */
#define JOURNALLED (journal[C] != NONE)
#else
#define JOURNALLED (journal[C] == open[C])
#endif

#ifdef ANY_TIME
#define IS_OVER(t) true
#else
#ifdef UNATTENDED
#define IS_OVER(t) (!HAS(covers, t) || (automation[t] != runs && !IS_STARTING(t)))
#else
#define IS_OVER(t) (!HAS(covers, t) || (automation[t] != runs && !IS_STARTING(t) && open[0] != t && open[1] != t))
#endif
#endif
#ifdef BROKEN_UNCLAIMED      /* it begins whenever it comes */
#define MAY_BEGIN(t) true
#else
#define MAY_BEGIN(t) (token == t)
#endif
#define IS_UNCLAIMED(t, seen) (claim == NONE || claim == seen || token == t)
#ifdef BROKEN_TAKE
#define MAY_TAKE(c, t, nth, seen) true
#else
#ifdef BROKEN_UNFENCED       /* any run of the connection, also one that has lost it */
#define MAY_TAKE(c, t, nth, seen) (IS_UNCLAIMED(t, seen) && (holder == 2 || passed || holder == c))
#else
#ifdef BROKEN_CLAIMED        /* by time alone: an automation that began late is overlooked */
#define MAY_TAKE(c, t, nth, seen) (holder == 2 || (holder != c && passed) || (holder == c && (fence < nth || (fence == nth && t >= token))))
#else                        /* the connection's token in the gateway item, until only forward */
#define MAY_TAKE(c, t, nth, seen) (IS_UNCLAIMED(t, seen) && \
  (holder == 2 || (holder != c && passed) || (holder == c && (fence < nth || (fence == nth && t >= token)))))
#endif
#endif
#endif
#ifdef BROKEN_FREE
#define MAY_FREE(t, seen) true
#else
#define MAY_FREE(t, seen) (token == t && (claim == NONE || claim == seen))
#endif

inline take(c, t, nth) { holder = c; token = t; covers = 1 << (t); passed = false; fence = nth }

#define me _pid
#define C (_pid / 2)
#ifdef AGELESS
#define IS_NEWS true
#else
#define IS_NEWS MINE
#endif
#define LOOKS seen = (claim != NONE && IS_DONE(claim) -> claim : NONE)
#define MINE (owner[C] == _pid % 2)
#define CRASHES_HERE :: d_step { crashes > 0 -> crashes--; mine = NONE; starting[me] = NONE }; goto end_waits

active [4] proctype Run() {
  bool written; byte asked;  /* how far the two branches of a rescue are */
  byte mine, seen;           /* seen: the claim whose automation had ended by the last assessment */
end_waits:
  if
  :: d_step { MINE -> skip }  /* holds the connection */
  fi;
Assess:
  if
  /* the rung has ended */
  :: d_step { open[C] != NONE && JOURNALLED && IS_DONE(open[C]) -> mine = open[C]; seen = claim }; goto EndRung
#ifndef PATIENT
  /* it has not begun, and its path is well again: given up */
  :: d_step { open[C] != NONE && claim != open[C] && !IS_DONE(open[C]) -> mine = open[C]; seen = claim }; goto EndRung
#endif
  /* repair: the same start once more */
  :: d_step {
       open[C] != NONE && !JOURNALLED -> if :: HAS(orders, open[C]) -> REACHED(ORDER_AGAIN) :: else fi; mine = open[C]; LOOKS
     }; goto TakeGateway
  /* a rescue with an order */
  :: d_step {
       MINE && open[C] == NONE && rungs[C] < RUNGS && rescues > 0 ->
       rescues--; mine = OF(C, rungs[C]); rungs[C] = rungs[C] + 1; orders = orders | (1 << mine); LOOKS
     }; goto RescueBothWays
  /* repair */
  :: d_step { open[C] == NONE && rungs[C] < RUNGS -> mine = OF(C, rungs[C]); rungs[C] = rungs[C] + 1; LOOKS }; goto TakeGateway
  :: d_step { open[C] == NONE && MINE && rungs[C] == RUNGS -> skip }; goto end_gone  /* finish */
  :: d_step { !MINE -> skip }; goto end_gone  /* lease lost */
  CRASHES_HERE
  fi;

  /* RescueRoutes beside TakeSpeaker, OrderSpeaker and JournalOrder, whatever comes first; the next look waits for both. */
RescueBothWays:
  do
  /* RescueRoutes: opens the journal, with the order in memory, and writes */
#ifdef BROKEN_UNREMEMBERED   /* the order is in memory once it is journalled, as a repair is not */
  :: d_step { !written && MINE -> written = true; moved = moved | (1 << mine) }
#else
  :: d_step { !written && MINE -> written = true; open[C] = mine; moved = moved | (1 << mine) }
#endif
  :: d_step { !written -> written = true }  /* nothing is written: the plan is stale, the lease lost, no answer */
  /* TakeSpeaker */
  :: d_step {
       asked == 0 && IS_NEWS && MAY_TAKE(C, mine, _pid % 2, seen) -> take(C, mine, _pid % 2); starting[me] = mine; asked = 1
     }
  :: d_step { asked == 0 -> asked = 3 }  /* refused, or no answer: OrderLeft */
  /* OrderSpeaker: it STARTS, before or after the first write */
  :: d_step {
       asked == 1 && IS_NEWS && automation[mine] == unborn ->
       if :: !written -> REACHED(ORDER_FIRST) :: else fi; automation[mine] = queued; starting[me] = NONE; asked = 2
     }
  /* ... and its answer is lost, or it never starts: OrderLeft */
  :: d_step { asked == 1 && IS_NEWS && automation[mine] == unborn -> automation[mine] = queued; starting[me] = NONE; asked = 3 }
  :: d_step { asked == 1 -> starting[me] = NONE; asked = 3 }
  /* JournalOrder: as JournalRung */
  :: d_step {
       asked == 2 && MINE -> journal[C] = mine; asked = 3;
#ifdef BROKEN_UNREMEMBERED
       open[C] = mine
#endif
     }
  :: d_step { asked == 2 -> asked = 3 }  /* refused, or no answer: OrderLeft */
  :: d_step { written && asked == 3 -> written = false; asked = 0; mine = NONE }; goto PauseForGateway  /* AfterWrite */
  :: d_step { crashes > 0 -> crashes--; mine = NONE; starting[me] = NONE; written = false; asked = 0 }; goto end_waits
  od;

  /* TakeGateway: SET #holder = :connection, #clientToken = :clientToken, #rung = :rung, #until = :until, #fence = :token
   * IF attribute_exists(pk) AND (attribute_not_exists(#claimedBy) OR #claimedBy = :endedClaim OR #clientToken =
   * :clientToken) AND (attribute_not_exists(#holder) OR (#holder <> :connection AND #until < :graceBefore) OR
   * (#holder = :connection AND (attribute_not_exists(#fence) OR #fence < :token OR (#fence = :token AND #until <= :until)))) */
TakeGateway:
  if
  /* taken */
  :: d_step { IS_NEWS && MAY_TAKE(C, mine, _pid % 2, seen) -> take(C, mine, _pid % 2); starting[me] = mine }; goto JournalRepair
  /* refused: it is being repaired for another */
  :: d_step { !MAY_TAKE(C, mine, _pid % 2, seen) -> REACHED(REFUSED); mine = NONE }; goto PauseForGateway
  :: d_step { !IS_NEWS -> mine = NONE }; goto PauseForGateway  /* decided too long ago */
  /* no answer; it lands later */
  :: d_step { IS_NEWS && lateTakes > 0 -> lateTakes--; lateTake = mine; lateBy = me; lateSeen = seen; mine = NONE }; goto PauseForGateway
  CRASHES_HERE
  fi;
PauseForGateway: /* ... and RenewLease */
  if
  :: d_step { MINE -> skip }; goto Assess  /* renewed */
  :: d_step { !MINE -> skip }; goto end_gone  /* lease lost */
  CRASHES_HERE
  fi;

  /* JournalRepair: SET #memory = :memory, #leaseUntil = :until REMOVE #waiter IF #holder = :me AND #token = :token */
JournalRepair:
  if
  :: d_step { MINE -> open[C] = mine; journal[C] = (journal[C] == mine -> mine : NONE) }; goto RepairGateway  /* journalled */
  :: d_step { !MINE -> mine = NONE; starting[me] = NONE }; goto end_gone  /* refused: lease lost */
  CRASHES_HERE
  fi;
RepairGateway:
  if
  /* the automation STARTS */
  :: d_step {
       IS_NEWS && automation[mine] == unborn -> automation[mine] = queued; starting[me] = NONE
     }; goto JournalRung
  /* the same start: no second one */
  :: d_step { !IS_NEWS -> mine = NONE; starting[me] = NONE }; goto PauseForGateway  /* decided too long ago */
  :: d_step { IS_NEWS && automation[mine] != unborn -> REACHED(SAME_START); starting[me] = NONE }; goto JournalRung
  CRASHES_HERE
  fi;

  /* JournalRung: SET #automation = :automation, #leaseUntil = :until IF #holder = :me AND #token = :token */
JournalRung:
  if
  :: d_step { MINE -> journal[C] = mine; mine = NONE }; goto Assess  /* journalled */
  :: d_step { !MINE -> mine = NONE }; goto end_gone  /* refused: lease lost */
  CRASHES_HERE
  fi;

EndRung:
  if
  :: d_step { token == mine -> skip }; goto FreeGateway
  :: d_step { token != mine -> REACHED(FREED_BY_OTHER) }; goto KeepMemory  /* somebody else's by now */
  fi;

  /* FreeGateway: IF #clientToken = :clientToken AND (attribute_not_exists(#claimedBy) OR #claimedBy = :claim) */
FreeGateway:
  if
  /* identity journalled; free once settled */
  :: d_step {
       MAY_FREE(mine, seen) -> if :: automation[mine] == ends -> identities = identities | (1 << mine) :: else fi;
       covers = 0; passed = false; token = NONE; if :: IS_DONE(mine) -> claim = NONE :: else fi
     }; goto KeepMemory
  :: d_step { !MAY_FREE(mine, seen) -> mine = NONE }; goto PauseForGateway  /* refused: look again */
  CRASHES_HERE
  fi;

  /* KeepMemory: SET #memory = :memory, #leaseUntil = :until REMOVE #waiter IF #holder = :me AND #token = :token */
KeepMemory:
  if
  :: d_step {
       MINE -> if :: open[C] == mine -> LAW(2, identityKept, HAS(identities, mine) || !HAS_RUN(mine) || HAS(orders, mine)) :: else fi;
       open[C] = NONE; journal[C] = NONE; mine = NONE
     }; goto Assess  /* the rung is history */
  :: d_step { !MINE -> mine = NONE }; goto end_gone  /* refused: lease lost */
  CRASHES_HERE
  fi;
end_gone:
  false
}
#undef me

/* runbooks/, claimGateway, and the rest: SET claimedBy = :execution if clientToken = :repair */
#define LIVES(t) \
  :: d_step { automation[t] == queued && MAY_BEGIN(t) -> \
       LAW(1, oneRepair, EACH(AT_REST)); automation[t] = runs; if :: token == t -> claim = t :: else fi } \
  :: d_step { automation[t] == queued && !MAY_BEGIN(t) -> REACHED(REFUSED_LATE); automation[t] = refused } \
  :: d_step { automation[t] == runs -> automation[t] = ends }
active proctype World() {
end_world:
  do
  LIVES(1) /* the automation claims the gateway, is refused, or ends */
  LIVES(2) /* the automation claims the gateway, is refused, or ends */
#if RUNGS > 1
  LIVES(3) /* the automation claims the gateway, is refused, or ends */
  LIVES(4) /* the automation claims the gateway, is refused, or ends */
#endif
  /* connection 0 is taken from run 0, which stalls */
  :: d_step { stalls > 0 && owner[0] == 0 -> stalls--; owner[0] = 1 }
  /* connection 1 is taken from run 2, which stalls */
  :: d_step { stalls > 0 && owner[1] == 0 -> stalls--; owner[1] = 1 }
  :: d_step { !passed && EACH(IS_OVER) -> passed = true }  /* until has passed, by the grace */
  /* the late TakeGateway lands */
  :: d_step {
       lateTake != NONE ->
       if :: MAY_TAKE(lateBy / 2, lateTake, lateBy % 2, lateSeen) -> take(lateBy / 2, lateTake, lateBy % 2) :: else fi;
       lateTake = NONE
     }
  od
}

#ifndef FAIR
active proctype AtRest() {
end_rest:
  timeout ->
    d_step {
      LAW(4, nothingLeft, open[0] == NONE && open[1] == NONE && EACH(AT_REST) && EACH(CARED_FOR) && passed);
      LAW(8, orderGiven, EACH(IS_GIVEN))
    }
}
#else
/* Time goes on at rest, too: under weak fairness SPIN looks at cycles only. */
active proctype Idle() {
end_idle:
  do
  :: d_step { crashes <= CRASHES -> skip }
  od
}

ltl repairsEnd { []((open[0] != NONE -> <> (open[0] == NONE)) && (open[1] != NONE -> <> (open[1] == NONE))) }
#endif
