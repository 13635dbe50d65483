/** What is said of an error is its cause and its mend. */
import { problemText } from '../../../cli/problem';

it('says what to install when a peer is missing, in either of Node’s wordings', () => {
  for (const text of [
    "Cannot find module 'aws-cdk-lib'\nRequire stack:\n- /home/a/part.cjs",
    "Cannot find module 'aws-cdk-lib/aws-iam'\nRequire stack:\n- /home/a/part.cjs",
    "Cannot find package 'constructs' imported from /home/a/part.mjs",
  ]) {
    expect(problemText(new Error(text))).toMatch(
      /^this command makes the template, for which (aws-cdk-lib|constructs) is not installed: npm install aws-cdk-lib constructs$/,
    );
  }
});

it('says everything else as it is', () => {
  expect(problemText(new Error("Cannot find module './gone'"))).toBe("Cannot find module './gone'");
  expect(problemText('text')).toBe('text');
});
