/** What each part of the EC2 fake offers. */

/** Operations by name; each takes its own SDK input, and the region it is asked in. */
export type Calls = Readonly<Record<string, (input: never, region: string) => object>>;
