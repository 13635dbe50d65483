/** Does this machine's clock agree with AWS's? `--for 2h` counts from here, and so does the age of every report. */
import { spanText } from '../../../core/words/time';
import type { AccountCheck } from '../check';
import { fail, warn, well } from '../diagnosis';

/** AWS says seconds, and the answer takes its time. */
const skewMsMin = 5_000;
/** Beyond it evidence that is young seems stale. */
const skewMsMax = 60_000;

export const clock: AccountCheck = {
  name: 'clock',
  title: 'clocks agree',
  needs: 'account',
  async look({ world, elsewhere }) {
    const before = world.now();
    const theirs = await elsewhere.clockOfAws();
    const skewMs = (before + world.now()) / 2 - theirs;
    const size = Math.abs(skewMs);
    if (size <= skewMsMin) return [well('this machine and AWS agree to within a few seconds')];
    return [
      (size > skewMsMax ? fail : warn)({
        about: 'this machine',
        found: `its clock is ${spanText(size)} ${skewMs > 0 ? 'ahead of' : 'behind'} AWS’s`,
        why: 'pauses and drains end at another time than you mean, and signatures are refused from five minutes on',
        mend: 'let it follow a time server: timedatectl set-ntp true',
      }),
    ];
  },
};
