/** The stack of our own app: one Switchback, in the configuration's region, in whatever account deploys it. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Switchback, type SwitchbackProps } from './switchback';

export class SwitchbackStack extends Stack {
  readonly switchback: Switchback;

  constructor(scope: Construct, id: string, props: StackProps & SwitchbackProps) {
    const { deployment } = props;
    // Indented, a template of forty connections would be above CloudFormation's megabyte.
    const suppressTemplateIndentation = props.suppressTemplateIndentation ?? true;
    super(scope, id, { ...props, suppressTemplateIndentation, env: { region: deployment.region, ...props.env } });
    this.switchback = new Switchback(this, 'Switchback', props);
  }
}
