/** What a worker process of `npm run cases` offers. */
export { playCase } from './cases';
