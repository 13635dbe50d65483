/** What `adopt` writes: the configuration with its questions, and the letter to the partner. */
import { isScalar, isSeq, parseDocument, stringify, visit } from 'yaml';
import { harmless } from '../../../core/words/malformed';
import type { Carrier } from './carriers';
import type { Open, Proposal } from './proposal';
import type { SeenVpc } from './seen';

/** The questions stand at its head, and beside each field that one is about. */
export function configText({ tree, open }: Proposal, { vpcId }: SeenVpc): string {
  const document = parseDocument(stringify(tree, { lineWidth: 110 }));
  visit(document, {
    Seq(_, list) {
      list.flow = true;
    },
  });
  for (const { field } of open) {
    const node = document.getIn(field.split('.'), true);
    if (isScalar(node) || isSeq(node)) node.comment = ' TODO: see above';
  }
  const head = [
    `Proposed by \`switchback adopt --vpc ${vpcId}\` from what stands there today. Mode observe: it decides and tells, and`,
    'writes nothing. What a field means is said in examples/adopt/switchback.yaml.',
    '',
    'TODO: what could not be known from the account, by field:',
    ...open.flatMap(questionLines),
    '',
    'Then: switchback validate --live',
  ];
  return `${head.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n')}\n\n${document.toString({ lineWidth: 110 })}`;
}

const questionLines = ({ field, ask }: Open): string[] => [`  ${field}`, `    ${harmless(ask)}`];

const addressOf = (carrier: Carrier, { addresses }: SeenVpc): string => {
  if (carrier.kind === 'vpn')
    return `${carrier.vpn.tunnels.map(({ outsideAddress }) => outsideAddress).join(' and ')} (AWS)`;
  const own = addresses.find(
    ({ NetworkInterfaceId, InstanceId }) =>
      NetworkInterfaceId === carrier.interface.NetworkInterfaceId || InstanceId === carrier.instanceId,
  );
  return own?.PublicIp ?? 'an address we have still to tell you';
};

/** A text to send. It names addresses and no key. */
export function partnerText({ probes, carried }: Proposal, seen: SeenVpc): string {
  const own = [
    ...new Set(
      seen.tables.flatMap(({ Routes = [] }) =>
        Routes.filter(({ GatewayId }) => GatewayId === 'local').flatMap(
          ({ DestinationCidrBlock }) => DestinationCidrBlock ?? [],
        ),
      ),
    ),
  ];
  const sources = [
    ...new Set(
      probes.flatMap(({ subnetId }) => seen.subnets.find(({ SubnetId }) => SubnetId === subnetId)?.CidrBlock ?? []),
    ),
  ];
  const ends = probes.map(({ path, carrier }) => `  path ${path}: our end ${addressOf(carrier, seen)}`);
  const wanted = [...new Set(carried.leads.map(({ destination }) => destination))];
  const steps = [
    `Send ${own.join(', ')} into every tunnel that is up, and accept ${wanted.join(', ')} from your side over each of them.`,
    'Answer what comes in over a tunnel through that same tunnel. An answer over the other one makes a dead tunnel look alive.',
    `For each path, give us one address on your side that answers over that path alone${sources.length === 0 ? '' : `, to ${sources.join(', ')}`}: TCP, a port that is always open (a refusal will do).`,
    ...(probes.length > 1
      ? [
          'End the paths on two devices of yours. Tell us if it is one: two tunnels to one device are one path.',
          'Let no firewall drop a packet because the first one of its flow came by the other tunnel.',
        ]
      : []),
    'Switch dead peer detection on, and let your device bring a tunnel up by itself when it was lost.',
    'Tell us of maintenance a day ahead, by path, and whom we call at night.',
  ];
  return [
    'Our side watches the VPN to you by small probes, and moves our traffic to another path when one fails.',
    'For that we need of you:',
    '',
    ...steps.map((step, i) => `${i + 1}. ${step}`),
    '',
    'The paths as we see them:',
    ...ends,
    '',
  ].join('\n');
}
