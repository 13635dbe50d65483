/** The second, fourth, sixth … scenario; see play.ts. */
import { playHalf } from './play';

playHalf(1);
