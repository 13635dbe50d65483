/*
 * The lease and the woken sleep of one connection, as statemachines/failover.asl.json builds them: labels are its
 * states, every conditional update is one step, every read another, and a run may crash before each.
 *
 * Time without a clock: leaseUntil is ample (at least the fence's margin left), scarce, or over (by the grace). What
 * seconds are needed for that is model/window.pml. Budgets bound the faults; docs/MODEL.md says what is left out.
 *
 * Lines "State: update IF condition" are held against the state machine's text by model/check.ts.
 */
#include "lease-item.pml"

#define me _pid
#define CRASHES_HERE :: d_step { crashes > 0 -> crashes--; stop(me) }; goto end_idle

active [RUNS] proctype Run() {
  byte takes;
end_idle:
  if
  :: d_step { pending > 0 && IS_NEXT(me) -> pending--; begin(me) }; goto TakeLease  /* an event starts it */
  /* an event starts it, and is delivered once more */
  :: d_step { pending > 0 && duplicates > 0 && IS_NEXT(me) -> duplicates--; begin(me) }; goto TakeLease
  /* a human starts it */
  :: d_step { commands > 0 && IS_NEXT(me) -> commands--; begin(me); ADD(command, me) }; goto TakeLease
#if SWEEP
  /* functions/sweep/index.ts: a dead or late holder; or nobody, and something to do. */
  :: d_step {
       sweeper == NOBODY && IS_NEXT(me) &&
         ((holder == NOBODY && route != right) || (holder != NOBODY && (until == over || !HAS(running, holder))))
         -> sweeper = me; begin(me)
     }; goto TakeLease  /* the sweep starts it */
#endif
  fi;

  /* TakeLease: SET #holder = :me, #leaseUntil = :until, #token = if_not_exists(#token, :zero) + :one REMOVE #waiter
   * IF attribute_exists(pk) AND (attribute_not_exists(#holder) OR #leaseUntil < :graceBefore) */
TakeLease:
  if
  :: d_step { MAY_TAKE(me) -> take(me); takes = 0 }; goto Assess  /* taken */
  /* taken; an earlier attempt is still under way */
  :: d_step { MAY_TAKE(me) && lateTakes > 0 -> lateTakes--; take(me); takes = 0; ADD(late, me) }; goto Assess
  /* taken, but the reply is lost */
  :: d_step { MAY_TAKE(me) && lostReplies > 0 -> lostReplies--; take(me) }; goto TakeLease
  /* refused: held */
  :: d_step { !MAY_TAKE(me) -> takes++; if :: sweeper == me -> sweeper = NOBODY :: else fi }; goto RecordSignal
  CRASHES_HERE
  fi;

  /* RecordSignal: ADD #signals :one, ALL_NEW. */
RecordSignal:
  if
  :: d_step {
       true -> knowsSignals = 0;
       heldHolder[me] = holder; heldWaiter[me] = waiter; ADD(heldToken, me);
       if :: FREE -> ADD(heldOver, me) :: else -> DROP(heldOver, me) fi
     }; goto WakeHolder  /* signal recorded */
  /* signal recorded, but the reply is lost */
  :: d_step { lostReplies > 0 -> lostReplies--; knowsSignals = 0 }; goto RecordSignal
  CRASHES_HERE
  fi;

WakeHolder:
#define TOKEN_LIVES (!UNRECORDED(me) && heldWaiter[me] < RUNS && HAS(asleep & ~woken, heldWaiter[me]))
  if
  /* the holder is woken: handed over */
  :: d_step { TOKEN_LIVES -> ADD(woken, heldWaiter[me]); stop(me) }; goto end_idle
  /* the wake-up is lost: handed over */
  :: d_step { TOKEN_LIVES && lostWakes > 0 -> lostWakes--; stop(me) }; goto end_idle
  :: d_step { !TOKEN_LIVES -> heldWaiter[me] = NOBODY }; goto AskHolder  /* nobody sleeps on that token */
#ifdef BROKEN_GIVES_UP
  /* no answer: handed over, to whom? */
  :: d_step { !TOKEN_LIVES && unasked > 0 -> unasked--; stop(me) }; goto end_idle
#endif
  CRASHES_HERE
  fi;

AskHolder:
#define HOLDER_RUNS (heldHolder[me] < RUNS && HAS(running, heldHolder[me]))
#define AWAKE_THERE (HOLDER_RUNS && !UNRECORDED(me) && !LOOKS_FREE(me) && heldHolder[me] != me)
  if
  :: d_step { AWAKE_THERE -> stop(me) }; goto end_idle  /* the holder is awake: handed over */
#ifdef BROKEN_GIVES_UP
  :: d_step { unasked > 0 -> unasked--; stop(me) }; goto end_idle  /* no answer: handed over, to whom? */
#else
#define HELD_BY_OTHER (!LOOKS_FREE(me) && heldHolder[me] != me && !UNRECORDED(me))
  /* no answer, somebody holds it: handed over */
  :: d_step { unasked > 0 && HELD_BY_OTHER -> unasked--; stop(me) }; goto end_idle
  /* no answer, nobody holds it */
  :: d_step {
       unasked > 0 && !HELD_BY_OTHER -> unasked--; if :: LOOKS_FREE(me) -> ADD(heldOver, me) :: else fi
     }; goto WhoHolds
#endif
#ifdef BROKEN_NO_ASK
  :: d_step { !AWAKE_THERE -> stop(me) }; goto end_idle
#else
  /* nobody else is awake there */
  :: d_step { !AWAKE_THERE -> if :: LOOKS_FREE(me) -> ADD(heldOver, me) :: else fi }; goto WhoHolds
#endif
  CRASHES_HERE
  fi;

WhoHolds:
  if
  :: d_step {
       heldHolder[me] == me && !LOOKS_FREE(me) -> REACHED(HELD_BY_ME);
       if :: HAS(heldToken, me) -> ADD(knowsToken, me) :: else -> DROP(knowsToken, me) fi; forgetHeld(me)
     }; goto RenewLease  /* I do, after all */
  /* a command is recorded first */
  :: d_step { !(heldHolder[me] == me && !LOOKS_FREE(me)) && UNRECORDED(me) -> forgetHeld(me) }; goto Assess
  /* it is free: take again */
  :: d_step { !UNRECORDED(me) && LOOKS_FREE(me) && takes < 3 -> forgetHeld(me) }; goto TakeLease
  :: d_step { !UNRECORDED(me) && LOOKS_FREE(me) && takes >= 3 -> stop(me) }; goto end_idle  /* contended: failed */
  /* one that has ended */
  :: d_step { !UNRECORDED(me) && !LOOKS_FREE(me) && heldHolder[me] != me -> skip }; goto TakeOver
  fi;

  /* TakeOver: SET #holder = :me, #leaseUntil = :until, #token = #token + :one REMOVE #waiter
   * IF #holder = :gone AND #token = :goneToken AND (attribute_not_exists(#writeUntil) OR #writeUntil < :graceBefore) */
TakeOver:
#define MAY_TAKE_OVER (holder == heldHolder[me] && HAS(heldToken, me) && WRITER_GONE)
  if
  /* taken over */
  :: d_step { MAY_TAKE_OVER -> REACHED(TAKEN_OVER); take(me); takes = 0; forgetHeld(me) }; goto Assess
  /* taken over, but the reply is lost */
  :: d_step { MAY_TAKE_OVER && lostReplies > 0 -> lostReplies--; take(me) }; goto TakeOver
  /* refused: a writer lives, or somebody was faster */
  :: d_step { !MAY_TAKE_OVER -> forgetHeld(me) }; goto WaitOutWriter
  CRASHES_HERE
  fi;

WaitOutWriter:
  if
  :: d_step { true -> REACHED(WAITED_OUT) }; goto RecordSignal  /* has waited */
  CRASHES_HERE
  fi;

  /* functions/assess/index.ts: the counter first, alone and consistently; then the world. */
Assess:
#ifdef BROKEN_ASSESS_ORDER
  if
  :: d_step { UNRECORDED(me) -> target[me] = route }  /* looks */
  :: d_step { !UNRECORDED(me) -> LOOK; target[me] = right }  /* looks at the world first */
  CRASHES_HERE
  fi;
  if
  :: d_step { UNRECORDED(me) -> ADD(knowsSignals, me) }; goto RecordRequest  /* record_request */
  /* reads the counter last: divert */
  :: d_step { !UNRECORDED(me) && target[me] != route -> ADD(knowsSignals, me) }; goto DivertRoutes
  /* reads the counter last: hold */
  :: d_step { !UNRECORDED(me) && target[me] == route -> ADD(knowsSignals, me); target[me] = 0 }; goto AwaitNews
  /* reads the counter last: finish */
  :: d_step { !UNRECORDED(me) && target[me] == route -> ADD(knowsSignals, me); target[me] = 0 }; goto ReleaseLease
  CRASHES_HERE
  fi;
#else
  if
  :: d_step { true -> ADD(knowsSignals, me) }; goto AssessWorld  /* reads the counter */
  CRASHES_HERE
  fi;
AssessWorld:
  if
  :: d_step { UNRECORDED(me) -> skip }; goto RecordRequest  /* record_request */
  /* divert */
  :: d_step { !UNRECORDED(me) && route != right -> LOOK; target[me] = right }; goto DivertRoutes
  /* hold */
  :: d_step { !UNRECORDED(me) && route == right -> LOOK }; goto AwaitNews
  /* finish or park */
  :: d_step { !UNRECORDED(me) && route == right -> LOOK }; goto ReleaseLease
  CRASHES_HERE
  fi;
#endif

  /* The outcome is the apply function's, below. */
DivertRoutes:
  if
  :: d_step { phase[me] == idle -> phase[me] = asked }  /* calls apply */
  CRASHES_HERE
  fi;
AfterWrite:
  if
  :: d_step { phase[me] == applied -> phase[me] = idle; target[me] = 0 }; goto Assess  /* applied */
  /* nothing to do: PauseForRoutes */
  :: d_step { phase[me] == nothing -> phase[me] = idle; target[me] = 0 }; goto RenewLease
#ifdef BROKEN_LOST_IS_SILENT
  :: d_step { phase[me] == lost -> phase[me] = idle; target[me] = 0; stop(me) }; goto end_idle  /* lease_lost: ends */
#else
  /* lease_lost: says so */
  :: d_step { phase[me] == lost -> phase[me] = idle; target[me] = 0; REACHED(LOST_AFTER_WRITE) }; goto RecordSignal
#endif
  /* apply died: waited out, then looked again */
  :: d_step { phase[me] == died -> phase[me] = idle; target[me] = 0 }; goto RenewLease
  /* no answer, apply lives on */
  :: d_step { phase[me] == asked && lostApplies > 0 -> lostApplies--; phase[me] = alone }; goto WaitOutWrite
  CRASHES_HERE
  fi;

WaitOutWrite:
  if
#ifdef BROKEN_NO_WAIT_OUT
  :: d_step { true -> skip }; goto RenewLease
#else
  :: d_step { phase[me] == idle && flyer != me -> skip }; goto RenewLease  /* apply has ended by now */
#endif
  CRASHES_HERE
  fi;

  /* AwaitNews: SET #waiter = :waiter, #leaseUntil = :until, #memory = :memory
   * IF #holder = :me AND #token = :token AND #signals = :seen */
AwaitNews:
  if
  /* sleeps */
  :: d_step {
       MAY_SLEEP(me) -> LAW(1, oneHolder, MINE(me)); waiter = me; until = ample; ADD(asleep, me)
     }; goto end_Asleep
  /* token stored, but the reply is lost: the next attempt has another */
  :: d_step { MAY_SLEEP(me) && lostReplies > 0 -> lostReplies--; waiter = GONE; until = ample }; goto AwaitNews
  :: d_step { !MAY_SLEEP(me) -> REACHED(SLEEP_REFUSED) }; goto RenewLease  /* refused: news, or lost */
  CRASHES_HERE
  fi;
end_Asleep:
  if
  :: d_step { HAS(woken, me) -> REACHED(WOKEN); wakeUp(me) }; goto RenewLease  /* wakes */
  /* sleep times out */
  :: d_step { (TIMEOUTS || !MINE(me)) && !HAS(woken, me) -> REACHED(TIMED_OUT); wakeUp(me) }; goto RenewLease
  CRASHES_HERE
  fi;

  /* JournalRepair, KeepMemory and RecordTold: the same condition and effect, a memory besides, and then Assess too. */
  /* RenewLease: SET #leaseUntil = :until REMOVE #waiter IF #holder = :me AND #token = :token */
RenewLease:
  if
  :: d_step { MINE(me) -> until = ample; waiter = NOBODY }; goto Assess  /* renewed */
  /* renewed; an earlier attempt is still under way */
  :: d_step {
       MINE(me) && lateRenews > 0 -> lateRenews--; until = ample; waiter = NOBODY; ADD(lateRenew, me)
     }; goto Assess
  :: d_step { !MINE(me) -> REACHED(LEASE_LOST); stop(me) }; goto end_idle  /* refused: lease lost */
  CRASHES_HERE
  fi;

  /* DropLease, after a refused command: the same without the memory. */
  /* ReleaseLease: SET #memory = :memory REMOVE #holder, #leaseUntil, #waiter
   * IF #holder = :me AND #token = :token AND #signals = :seen */
ReleaseLease:
  if
  :: d_step { MAY_RELEASE(me) -> LAW(1, oneHolder, MINE(me)); free(); stop(me) }; goto end_idle  /* released */
  /* released, but the reply is lost */
  :: d_step { MAY_RELEASE(me) && lostReplies > 0 -> lostReplies--; free() }; goto ReleaseLease
  :: d_step { !MAY_RELEASE(me) -> REACHED(RELEASE_REFUSED) }; goto RenewLease  /* refused: news, or lost */
  CRASHES_HERE
  fi;

  /* SeedConnection (there is an item here) and a RecordRequest that is refused, and so assessed again, are left out. */
  /* RecordRequest: ADD #signals :one and the desired state, ALL_NEW. */
RecordRequest:
  if
  :: d_step {
       true -> knowsSignals = 0; ADD(recorded, me); right = 1 - right; known = false;
       heldHolder[me] = holder; heldWaiter[me] = waiter; ADD(heldToken, me);
       if :: FREE -> ADD(heldOver, me) :: else -> DROP(heldOver, me) fi
     }; goto WakeHolder  /* the command is desired state */
  CRASHES_HERE
  fi
}
#undef me

/* functions/apply/index.ts, one per execution; it may outlive the run that called it. */
#define me (_pid - RUNS)
#define DIES_HERE :: d_step { crashes > 0 -> crashes--; answer(me, died) }; goto end_idle
active [RUNS] proctype Apply() {
end_idle:
  if
  :: d_step { WORKING(me) && !(MINE(me) && until == ample) -> answer(me, lost) }; goto end_idle  /* fence refuses */
  /* nothing to do */
  :: d_step { WORKING(me) && MINE(me) && until == ample && route == target[me] -> answer(me, nothing) }; goto end_idle
  /* looks: a step to write */
  :: d_step { WORKING(me) && MINE(me) && until == ample && route != target[me] -> skip }; goto OpenJournal
  :: d_step { WORKING(me) && crashes > 0 -> crashes--; answer(me, died) }; goto end_idle
  fi;
OpenJournal: /* SET writeUntil on condition of holder and token */
  if
  :: d_step { MINE(me) -> writer = me; writeOver = false }  /* opens the journal */
  :: d_step { !MINE(me) -> answer(me, lost) }; goto end_idle  /* journal refused: lease lost */
  DIES_HERE
  fi;
Fence:
  if
  :: d_step { MINE(me) && until == ample -> ADD(sending, me) }  /* fence passed */
  /* fence refuses, journal closed */
  :: d_step {
       !(MINE(me) && until == ample) -> REACHED(FENCED);
       if :: MINE(me) -> writer = NOBODY :: else fi; answer(me, lost)
     }; goto end_idle
  DIES_HERE
  fi;
Write:
  if
  :: d_step { true -> LAW(2, oneWriter, MINE(me)); route = target[me]; DROP(sending, me) }  /* WRITES the route */
  /* sends; EC2 does not answer */
  :: d_step { lateWrites > 0 && flyer == NOBODY -> lateWrites--; flyer = me; flight = target[me]; DROP(sending, me) }
  DIES_HERE
  fi;
Close:
  if
  :: d_step { MINE(me) -> writer = NOBODY; answer(me, applied) }; goto end_idle  /* reads back, closes the journal */
  :: d_step { !MINE(me) -> answer(me, lost) }; goto end_idle  /* reads back: lease lost */
  DIES_HERE
  fi
}
#undef me

active proctype World() {
end_world:
  do
  /* the world changes and emits an event */
  :: d_step { changes > 0 -> changes--; right = 1 - right; known = false; pending++ }
  :: d_step { pending > 0 && lostEvents > 0 -> lostEvents--; pending-- }  /* an event is lost */
  /* the lease of a dead run runs out */
  :: d_step { holder != NOBODY && until == ample && !HAS(running, holder) -> until = scarce }
  /* the lease of a stalled run runs out */
  :: d_step { holder != NOBODY && until == ample && HAS(running, holder) && expiries > 0 -> expiries--; until = scarce }
#ifdef UNTIMED
  :: d_step { holder != NOBODY && until == scarce -> until = over }  /* the lease is over, whoever writes */
#else
  /* the lease is over, by the grace */
  :: d_step { holder != NOBODY && until == scarce && !IN_FLIGHT(holder) -> until = over }
#endif
  /* writeUntil has passed, by the grace */
  :: d_step { writer != NOBODY && !writeOver && !WORKING(writer) && flyer != writer -> writeOver = true }
  /* the unanswered request LANDS */
  :: d_step {
       flyer != NOBODY -> LAW(2, oneWriter, MINE(flyer)); route = flight; flight = 0;
       if :: !HAS(running, flyer) && phase[flyer] == idle -> DROP(knowsToken, flyer) :: else fi;
       flyer = NOBODY
     }
#if LATE_TAKES
  /* an earlier attempt of TakeLease lands */
  :: d_step {
       late != 0 -> j = FIRST(late); DROP(late, j);
       if :: MAY_TAKE(j) -> holder = j; until = ample; waiter = NOBODY; knowsToken = 0; heldToken = 0 :: else fi;
       j = 0
     }
#endif
#if LATE_RENEWS
  /* an earlier attempt of RenewLease lands */
  :: d_step {
       lateRenew != 0 -> j = FIRST(lateRenew); DROP(lateRenew, j);
       if :: MINE(j) -> until = ample; waiter = NOBODY :: else fi;
       j = 0
     }
#endif
  od
}

#ifndef FAIR
/* When nothing more can happen: everything was answered, and nobody sleeps through a signal. */
active proctype AtRest() {
end_rest:
  timeout ->
    d_step {
      LAW(4, noSignalLost, known && pending == 0);
      LAW(8, routesRight, route == right);
      LAW(16, waiterWoken, holder == NOBODY || !HAS(asleep, holder) || HAS(knowsSignals & ~woken, holder))
    }
}
#endif

#ifdef FAIR
/* Time goes on at rest, too: under weak fairness SPIN looks at cycles only. */
active proctype Idle() {
end_idle:
  do
  :: d_step { changes <= CHANGES -> skip }
  od
}

ltl answered { <>[] (known && route == right) }
ltl rightInTheEnd { <>[] (route == right) }
ltl sleepersRise { []((HAS(asleep, 0) -> <> !HAS(asleep, 0)) && (HAS(asleep, 1) -> <> !HAS(asleep, 1))) }
#endif
