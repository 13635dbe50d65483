/**
 * Which tags EC2 resources carry, learned from the calls that set them; conditions on `aws:ResourceTag` and its
 * service-specific twins read it.
 */
import type { RequestContext } from './conditions';

/** A call that was answered. */
interface AnsweredCall {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
}

interface Tag {
  readonly Key?: string;
  readonly Value?: string;
}

interface Launched {
  readonly Instances?: readonly {
    readonly InstanceId?: string;
    readonly NetworkInterfaces?: readonly { readonly NetworkInterfaceId?: string }[];
  }[];
}

const prefixes = ['aws:resourcetag/', 'ec2:resourcetag/', 'ssm:resourcetag/'];

export class TagLedger {
  /** By resource id. */
  private readonly tags = new Map<string, Map<string, string>>();

  observe({ service, operation, input }: AnsweredCall, output: unknown): void {
    if (service !== 'ec2') return;
    if (operation === 'CreateTags') {
      const { Resources = [], Tags = [] } = input as { Resources?: string[]; Tags?: Tag[] };
      for (const id of Resources) this.set(id, Tags);
    }
    if (operation === 'RunInstances') this.launched(input, output as Launched);
  }

  contextOf(arn: string): RequestContext {
    const tags = this.tags.get(arn.slice(arn.lastIndexOf('/') + 1)) ?? new Map<string, string>();
    return Object.fromEntries(
      [...tags].flatMap(([key, value]) => prefixes.map((prefix) => [`${prefix}${key.toLowerCase()}`, [value]])),
    );
  }

  private launched(input: unknown, { Instances = [] }: Launched): void {
    const { TagSpecifications = [] } = input as { TagSpecifications?: { ResourceType?: string; Tags?: Tag[] }[] };
    for (const { ResourceType, Tags = [] } of TagSpecifications) {
      const ids = Instances.flatMap(({ InstanceId, NetworkInterfaces = [] }) =>
        ResourceType === 'instance' ? [InstanceId] : NetworkInterfaces.map((one) => one.NetworkInterfaceId),
      );
      if (ResourceType === 'volume') continue;
      for (const id of ids) if (id !== undefined) this.set(id, Tags);
    }
  }

  set(id: string, tags: readonly Tag[]): void {
    const known = this.tags.get(id) ?? new Map<string, string>();
    for (const { Key, Value } of tags) known.set(Key ?? '', Value ?? '');
    this.tags.set(id, known);
  }
}
