/** The first, third, fifth … scenario; see play.ts. */
import { playHalf } from './play';

playHalf(0);
