/** What one route of a transit gateway's table says of itself. */
import type { TransitGatewayRoute } from '@aws-sdk/client-ec2';
import type { RouteTarget } from '../../core/words/domain';

/** None: it drops what meets it. Several share one route by BGP: that is none of ours, whichever they are. */
export function attachmentIn(to: readonly { readonly TransitGatewayAttachmentId?: string | undefined }[]): RouteTarget {
  const ids = to.map((each) => each.TransitGatewayAttachmentId ?? 'an unknown target');
  return { kind: 'attachment', id: ids.length === 0 ? 'nothing, on purpose' : ids.join(' and ') };
}

export const targetOf = ({ TransitGatewayAttachments }: TransitGatewayRoute): RouteTarget =>
  attachmentIn(TransitGatewayAttachments ?? []);
