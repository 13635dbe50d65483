/**
 * What is deployed all the same, and to be minded (config/warnings.ts), in one line each: printed by CDK when the template
 * is made, also in somebody else's app, and kept on the dashboard for whoever stands before it at night. That nobody is
 * told is not among them: no template is made then.
 */
import { Annotations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { levelOf } from '../config/findings';
import { pathText } from '../config/problems';
import { warningFindings } from '../config/warnings';
import type { Deployment } from '../core/words/domain';

interface Remark {
  readonly kind: string;
  readonly text: string;
}

function remarksOf(deployment: Deployment): Remark[] {
  return warningFindings(deployment)
    .filter(({ kind }) => levelOf(kind) === 'warning' && kind !== 'nobody-told')
    .map(({ at, kind, message }) => ({ kind, text: `${pathText(at)} ${message}` }));
}

export function printRemarks(scope: Construct, deployment: Deployment): void {
  for (const { kind, text } of remarksOf(deployment)) Annotations.of(scope).addWarningV2(`switchback:${kind}`, text);
}

/** The rest can be read with `switchback validate`; a dashboard takes so many bytes in all. */
const shownMax = 20;

/** Absent where there is nothing to be minded. */
export function remarksWidgets(deployment: Deployment, width: number): cloudwatch.IWidget[] {
  const remarks = remarksOf(deployment);
  if (remarks.length === 0) return [];
  const more = remarks.length - shownMax;
  const lines = remarks.slice(0, shownMax).map(({ text }) => `- ${text}`);
  const rest = more > 0 ? [`- and ${more} more: \`switchback validate\``] : [];
  const markdown = ['**To be minded when something happens here**', '', ...lines, ...rest].join('\n');
  return [new cloudwatch.TextWidget({ markdown, width, height: Math.min(2 + lines.length, 12) })];
}
