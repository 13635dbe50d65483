/*
 * The seconds that model/lease.pml takes for granted: a route write must have landed before a rival may hold the
 * connection, and before its own run looks again. One writer, one rival, one clock; each reads it with its own error.
 * The numbers are the product's, in seconds: model/batteries.ts passes them in, and nothing stands in for one
 * that is left out. LANDING and SKEW are assumptions, AWS gives no bound.
 *
 *     MARGIN      of lease a write needs
 *     GRACE       before a lease, or writeUntil, counts as over
 *     LAMBDA      the apply function's timeout
 *     WRITE_SPAN  writeUntil, from the opening of the journal: as long as LAMBDA
 *     LANDING     a request sent may be under way this long
 *     SKEW        each clock, against the true time, either way
 *
 *     apply starts     fence     send .. lands             the lease ends   + grace: a rival takes
 *     |------------------|--------|--------|-----------------------|---------------|
 *     |<---------- at most LAMBDA ----------->|  the function is stopped; what it sent may still land
 */
#ifndef WAIT
#define WAIT 0        /* WaitOutWrite, after an apply without an answer; 0: it answers */
#endif

#ifndef TAKE_OVER
#define TAKE_OVER 0   /* the rival knows the holder has ended; otherwise it waits for the lease to end */
#endif

#define LEASE_UNTIL (MARGIN + 4)
#define END 50

byte now;
short writerSkew, rivalSkew;
bool started, ended, taken, looked, oneWriter, looksAfterLanding;
byte endsAt, landsBy, writeUntil;   /* 0: none */
bool underWay;

#define SKEWED(who) (now + who)
/* Nobody may sit out his deadline: the tick waits for him. */
#define ON_TIME (!(started && !ended && now >= endsAt) && !(underWay && now >= landsBy))

active proctype Time() {
end_time:
  do
  :: d_step { now < END && ON_TIME -> now++ }  /* a second passes */
  od
}

active proctype Apply() {
  if
  :: writerSkew = -SKEW
  :: writerSkew = SKEW
  :: writerSkew = 0
  fi;
end_start:
  if
  :: d_step { now > SKEW && now < 8 -> started = true; endsAt = now + LAMBDA }  /* starts */
  fi;
OpenJournal:
  if
  :: d_step { !taken -> writeUntil = SKEWED(writerSkew) + WRITE_SPAN }  /* opens the journal */
  :: d_step { true -> ended = true }; goto end_apply  /* journal refused, or stopped */
  fi;
Fence:
  if
  :: d_step { !taken && (TAKE_OVER || LEASE_UNTIL >= SKEWED(writerSkew) + MARGIN) -> skip }  /* fence passed */
  :: d_step { true -> ended = true }; goto end_apply  /* fence refuses, or stopped */
  fi;
Send:
  if
  :: d_step { true -> underWay = true; landsBy = now + LANDING }  /* sends */
  :: d_step { true -> ended = true }; goto end_apply  /* is stopped */
  fi;
  if
  :: d_step { true -> ended = true }  /* is stopped */
  :: d_step { true -> skip }  /* waits for the answer */
  fi;
Land:
  if
  :: d_step {
       true -> underWay = false; ended = true;                                                /* WRITES the route */
       if :: taken -> oneWriter = false; assert(oneWriter) :: else fi;
       if :: looked -> looksAfterLanding = false; assert(looksAfterLanding) :: else fi
     }
  fi;
end_apply:
  skip
}

/* The run that called apply and got no answer: WaitOutWrite, then RenewLease and Assess. */
active proctype Caller() {
  byte since;
#if WAIT
end_fails:
  if
  :: d_step { started -> since = now }  /* the apply task fails */
  fi;
end_WaitOutWrite:
  if
  :: d_step { now >= since + WAIT -> looked = true }  /* looks again */
  fi;
#endif
end_looks:
  false
}

active proctype Rival() {
  if
  :: rivalSkew = -SKEW
  :: rivalSkew = SKEW
  :: rivalSkew = 0
  fi;
end_rival:
  if
#if TAKE_OVER
  :: d_step { writeUntil == 0 || writeUntil + GRACE < SKEWED(rivalSkew) -> taken = true }  /* TakeOver */
#else
  :: d_step { LEASE_UNTIL + GRACE < SKEWED(rivalSkew) -> taken = true }  /* TakeLease */
#endif
  fi
}
