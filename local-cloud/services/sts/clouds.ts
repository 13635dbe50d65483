/**
 * Several clouds of one world, each a region of an account, on one clock: a call goes to the cloud that it is meant for,
 * and keys that one has given out are known to all.
 */
import type { Front } from '../../front/front';
import type { Authority } from '../../iam/authority';
import type { Role } from '../../iam/roles';
import type { FakeService } from '../../service';
import type { Iam } from '../iam/iam';
import type { Session } from './sts';

interface Member {
  readonly region: string;
  readonly accountId: string;
  readonly front: Front;
  readonly authority: Authority;
  /** By which role a document of this region acts; undefined: it has none such. */
  roleOfDocument(document: string): string | undefined;
  /** What IAM knows of this stack's roles. Absent: nobody changes them by a call. */
  readonly iam?: Iam;
}

export class Clouds {
  /** By access key. */
  readonly sessions = new Map<string, Session>();
  private readonly members: Member[] = [];

  join(member: Member): void {
    this.members.push(member);
  }

  /** Undefined: nothing of ours stands there. */
  at(region: string, accountId: string): Member | undefined {
    return this.members.find((one) => one.region === region && one.accountId === accountId);
  }

  /** Two stacks may stand in one region of one account: a role's calls land with the stack that has the role. */
  whereRoleIs(region: string, accountId: string, roleArn: string): Member | undefined {
    const there = this.members.filter((one) => one.region === region && one.accountId === accountId);
    return there.find(({ authority }) => hasRole(authority, roleArn)) ?? there[0];
  }

  /** IAM's roles are the account's, whichever region and stack they were made in. */
  iamOf(accountId: string, role: string): Iam | undefined {
    return this.members.find((one) => one.accountId === accountId && one.authority.roleNamed(role) !== undefined)?.iam;
  }

  /** By its name. */
  roleArnIn(accountId: string, role: string): string | undefined {
    return this.firstIn(accountId, ({ authority }) => authority.roleNamed(role)?.arn);
  }

  /** What a service knows in another region of the same account; who may ask is for the caller's own policies to say. */
  serviceIn(region: string, accountId: string, service: string): FakeService | undefined {
    return service === 'sts' ? undefined : this.at(region, accountId)?.front.service(service);
  }

  /** Of a table in any region of this account, where the caller's own rights are what counts. */
  partitionKeyIn(accountId: string, table: string): string | undefined {
    return this.firstIn(accountId, ({ authority }) => authority.partitionKeyOf(table));
  }

  /** The role of a document in any region of this account. */
  documentRoleIn(accountId: string, document: string): string | undefined {
    return this.firstIn(accountId, (member) => member.roleOfDocument(document));
  }

  private firstIn(accountId: string, ask: (member: Member) => string | undefined): string | undefined {
    for (const member of this.members) {
      const answer = member.accountId === accountId ? ask(member) : undefined;
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  /** Of whatever account. */
  roleWith(arn: string): Role | undefined {
    for (const { authority } of this.members)
      for (const role of authority.roles.values()) if (role.arn === arn) return role;
    return undefined;
  }
}

const hasRole = ({ roles }: Authority, arn: string): boolean => [...roles.values()].some((role) => role.arn === arn);
