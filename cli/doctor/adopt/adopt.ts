/**
 * `switchback adopt`: from a VPC that has VPN gateways already to a proposed `switchback.yaml`, what could not be known,
 * and a letter to the partner. It reads, with the rights of whoever asks; nothing in the account is changed.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigInvalid, parseConfig } from '../../../config/read';
import { harmless } from '../../../core/words/malformed';
import { exitCodes, WronglyAsked } from '../../operate/exit-codes';
import type { Outcome } from '../../operate/operate';
import { bareWorld, type Footing, type SessionOptions } from '../../operate/session';
import { wrapped } from '../../terminal';
import { proposalFrom } from './proposal';
import { seenVpc } from './seen';
import { configText, partnerText } from './texts';

export interface AdoptOptions extends SessionOptions {
  readonly vpc: string;
  /** A folder. */
  readonly output: string;
  readonly force?: true;
}

export const adopt =
  ({ vpc, output, name, force }: AdoptOptions) =>
  async (footing: Footing): Promise<Outcome> => {
    if (!/^vpc-[0-9a-f]{8,17}$/.test(vpc)) throw new WronglyAsked(`--vpc: ${vpc} is no VPC id: write vpc-…`);
    const files = { config: path.join(output, 'switchback.yaml'), partner: path.join(output, 'partner.txt') };
    // Before anything is asked: whoever has a file there shall not wait to hear it.
    const there = Object.values(files).filter((file) => existsSync(file));
    if (there.length > 0 && force !== true)
      throw new WronglyAsked(
        `${there.join(' and ')} ${there.length === 1 ? 'is' : 'are'} there: say -o for another folder, or --force to overwrite`,
      );
    const seen = await seenVpc(bareWorld(footing), vpc);
    const proposal = proposalFrom(seen, name);
    if (typeof proposal === 'string') throw new WronglyAsked(proposal);
    const text = configText(proposal, seen);
    const read = parseConfig(text, files.config);
    if (!read.ok) throw new ConfigInvalid(files.config, read.problems);
    mkdirSync(output, { recursive: true });
    writeFileSync(files.config, text);
    writeFileSync(files.partner, partnerText(proposal, seen));
    const { carried, open } = proposal;
    const gateways = carried.carriers.map((one) => `${one.name} (${one.kind === 'vpn' ? one.vpn.id : one.instanceId})`);
    return {
      code: exitCodes.well,
      lines: [
        wrapped(`${files.config}  mode observe: ${gateways.join(', ')}`, 2),
        `${files.partner}  what the partner must do`,
        '',
        `${open.length} things could not be known from the account:`,
        ...open.map(({ field, ask }) => `  ${field}\n      ${wrapped(harmless(ask), 6)}`),
        '',
        `Then: switchback validate ${files.config} --live`,
      ],
      json: { files, gateways: carried.carriers.map((one) => one.name), open },
    };
  };
