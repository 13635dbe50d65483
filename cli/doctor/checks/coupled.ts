/** Is each canary answered over its own path? The partner chooses the way back, so only a drill knows. */
import type { AccountCheck } from '../check';
import { orWell, warn } from '../diagnosis';

export const coupled: AccountCheck = {
  name: 'coupled',
  title: 'a drill has shown that each canary is answered over its own path',
  needs: 'account',
  async look({ deployment }) {
    const troubles = Object.values(deployment.connections)
      .filter((one) => one.coupled && Object.keys(one.paths).length > 1)
      .map(({ name }) =>
        warn({
          about: name,
          found: 'coupled: true, as every connection begins',
          why: 'the answers of one path’s canary may come back over the other: one tunnel that falls can silence both, and a standby may look well that is not',
          mend: `drill it (docs/OPERATIONS.md), then write coupled: false for ${name}`,
        }),
      );
    return orWell(troubles, 'each connection says that its canaries are answered apart');
  },
};
