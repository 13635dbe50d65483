/**
 * How Switchback stands in the account: who is told, the permissions boundary of its roles, concurrency kept for it,
 * the table it remembers in. No function reads any of it.
 *
 * It stands in the file and not on a command line, because the next deploy takes away what the next command line
 * forgets: a subscription, a boundary.
 */
import * as z from 'zod';
import type { Deployment } from '../core/words/domain';
import type { Installation, Notify } from '../core/words/installation';
import type { Fields } from './fields';
import type { Finding } from './problems';

/** More than that is a mailing list, which has one address. */
const emailsMax = 20;

export function installationFields(f: Fields) {
  const email = f.text(
    /^[^\s@,]{1,64}@[^\s@,]+\.[^\s@,]+$/,
    'is no mail address: write one like noc@example.com, one a line of the list',
  );
  const topic = f.text(
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/,
    'is no ARN of a standard topic: write one like arn:aws:sns:eu-central-1:123456789012:noc (no .fifo: it takes neither mail nor alarms as we send them)',
  );
  const people = f.group({
    emails: f
      .maybe(z.array(email).min(1, 'is empty: add an address').max(emailsMax, `has more than ${emailsMax} addresses`))
      .describe('Each gets a mail from AWS after the deploy, and hears nothing until its link has been clicked.'),
    topic: f
      .maybe(topic)
      .describe(
        'An SNS topic of your own, in the same region. `switchback policies` prints what its policy must allow.',
      ),
  });
  const named = f.kept(
    people.refine(
      ({ emails, topic }) => emails !== undefined || topic !== undefined,
      'names nobody: add emails or a topic, or write none',
    ),
    {},
  );
  const error = 'must be a group of emails and topic, or none: nobody is told then';
  return {
    notify: f
      .maybe(z.union([z.literal('none'), named], { error }))
      .describe('Who is told. Needed for modes divert and repair; `none`, said aloud, is an answer too.'),
    permissionsBoundary: f
      .maybe(
        f.text(
          /^(arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,512}|[\w+=,.@-]{1,128})$/,
          'is no managed policy: write its name, or its ARN like arn:aws:iam::123456789012:policy/NAME',
        ),
      )
      .describe(
        'Put on every role of ours, where the account asks for one. `switchback policies` prints what it must allow.',
      ),
    reserveConcurrency: f
      .flag(false)
      .describe(
        'Keep Lambda concurrency for the failover: 4 per connection, where 100 are left to the others. Not on a new account.',
      ),
    networkManagerRegion: f
      .maybe(f.region)
      .describe(
        'Where Network Manager speaks, us-west-2 as AWS has it: a small stack there hands on what it says of tunnels. Needs the transit gateway in a global network. Leave out: its events wake nobody.',
      ),
    state: f
      .maybe(
        f.group({
          table: f
            .maybe(
              f.text(
                /^(arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/)?[A-Za-z0-9_.-]{3,255}$/,
                'is no table: write the name or the ARN in the output StateTable of the stack that had it',
              ),
            )
            .describe('The state table of an earlier stack: its memory, drains and pauses are found again.'),
          protected: f
            .flag(false)
            .describe('Deletion protection of the table. Switch it on after the first deploy: see OPERATIONS.'),
        }),
      )
      .describe('Where Switchback remembers. Leave out: a table of its own.'),
    archive: f
      .maybe(
        f.group({
          bucket: f
            .text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is no bucket: write its name, like acme-incidents')
            .describe('An S3 bucket of your own, in the same region; ours may add records to it and nothing else.'),
          lock: f
            .maybe(
              f.group({
                mode: f
                  .choice(['governance', 'compliance'], 'governance')
                  .describe('Who may delete a record before its time: whom IAM lets, or nobody.'),
                days: f
                  .whole(1, 36_500, 'must be whole days, 1 to 36500')
                  .describe('For so long no record can be deleted.'),
              }),
            )
            .describe('Object lock on each record. The bucket must have been made with it. Leave out: none.'),
        }),
      )
      .describe('Where the record of each incident is kept beyond the 90 days of Step Functions. Leave out: nowhere.'),
  };
}

type Written = z.output<z.ZodObject<ReturnType<typeof installationFields>>>;

export function installationFindings({
  notify,
  permissionsBoundary,
  region,
  state,
}: Written & { readonly region: string }): Finding[] {
  const findings: Finding[] = [...otherPartition(['permissionsBoundary'], permissionsBoundary)];
  if (notify !== undefined && notify !== 'none') {
    findings.push(...elsewhere(['notify', 'topic'], notify.topic, region, 'alarms publish in their own region only'));
  }
  findings.push(
    ...elsewhere(['state', 'table'], state?.table, region, 'the state machine writes in its own region only'),
  );
  if (state?.table !== undefined && state.protected) {
    const message = 'is for a table of our own: remove it, a table handed on keeps the protection it has';
    findings.push({ at: ['state', 'protected'], kind: 'protected-twice', message });
  }
  return findings;
}

function elsewhere(at: readonly string[], arn: string | undefined, region: string, because: string): Finding[] {
  const where = arn?.startsWith('arn:') ? arn.split(':')[3] : undefined;
  if (where === undefined || region === '' || where === region) return otherPartition(at, arn);
  const message = `is in ${where}, not in ${region}: name one there (${because})`;
  return [{ at, kind: 'arn-elsewhere', message, about: [['region']] }];
}

/** Nothing of China or GovCloud can be named from here. */
function otherPartition(at: readonly string[], arn: string | undefined): Finding[] {
  const partition = arn?.startsWith('arn:') ? arn.split(':')[1] : undefined;
  if (partition === undefined || partition === 'aws') return [];
  return [{ at, kind: 'arn-elsewhere', message: `is in the partition ${partition}: name one of the partition aws` }];
}

/** Absent when the author says nothing of the kind. */
export function installationFrom({ networkManagerRegion, notify, ...written }: Written): {
  installation?: Installation;
} {
  const { archive, permissionsBoundary, reserveConcurrency, state } = written;
  const said =
    notify ?? archive ?? permissionsBoundary ?? state ?? networkManagerRegion ?? (reserveConcurrency || undefined);
  if (said === undefined) return {};
  return {
    installation: {
      ...(notify !== undefined && { notify: notifyFrom(notify) }),
      ...(permissionsBoundary !== undefined && { permissionsBoundary }),
      reserveConcurrency,
      ...(networkManagerRegion !== undefined && { networkManagerRegion }),
      ...(state?.table !== undefined && { stateTable: state.table }),
      protectsState: state?.protected ?? false,
      ...(archive !== undefined && {
        archive: { bucket: archive.bucket, ...(archive.lock !== undefined && { lock: archive.lock }) },
      }),
    },
  };
}

function notifyFrom(notify: NonNullable<Written['notify']>): Notify {
  if (notify === 'none') return { kind: 'nobody' };
  return { kind: 'people', emails: notify.emails ?? [], ...(notify.topic !== undefined && { topic: notify.topic }) };
}

/**
 * What is wrong when routes are moved or gateways repaired and nobody would hear of it; null when somebody is told, or
 * the author has said aloud that nobody shall be. An error where a template is made to be deployed, a warning elsewhere.
 */
export function nobodyTold({ connections, installation }: Deployment): string | null {
  if (installation?.notify !== undefined) return null;
  const acting = Object.values(connections).filter(({ mode }) => mode !== 'observe');
  if (acting.length === 0) return null;
  const which = acting.map(({ name, mode }) => `${name} (${mode})`).join(', ');
  return `notify: is missing, and ${which} would act with nobody told: add "notify: { emails: [noc@example.com] }", or "notify: none" if nobody shall be`;
}
