/** What each part of the EC2 fake offers. */

/** Operations by name; each takes its own SDK input. */
export type Calls = Readonly<Record<string, (input: never) => object>>;
