/**
 * Takes a lab down when its owner lets go of the line, and not before: the end of the owner, in whatever way, is the end
 * of the lab. It stands outside the owner's process group, so that Ctrl-C does not reach it.
 *
 * Arguments: the owner's process id, the lab's folder.
 */
import { takeDown } from '../sweep';

const [owner = '', folder = ''] = process.argv.slice(2);
process.stdin.resume().on('end', () => {
  void takeDown(Number(owner), folder).then(
    () => process.exit(0),
    (error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    },
  );
});
process.stdout.write('\n');
