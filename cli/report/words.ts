/** Times and money as the page says them. */
import { type Instant, instantText } from '../../core/words/time';
import { type Html, html } from './html';

/** `02:14:07`, UTC. */
export const clockText = (at: Instant): string => new Date(at).toISOString().slice(11, 19);

export const timeOf = (at: Instant): Html => html`<time datetime="${instantText(at)}">${clockText(at)}</time>`;

export const usdText = (usd: number): string => `${usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)} USD`;

export const countText = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
