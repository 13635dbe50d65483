/**
 * For calls whose answer holds keys: an error of such a call never carries what came back.
 */
interface SdkTraits {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  /** On what AWS itself answered with an error: its words name no key. */
  readonly $fault?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * An answer that the SDK cannot read stays with its error, body and all (`$response`), and the message may quote it. So
 * the error goes no further: another with its name and status takes its place.
 */
export function throwWithoutAnswer(error: unknown): never {
  const { name = 'Error', message = '', code, $fault, $metadata } = error as SdkTraits;
  const isReadable = $fault !== undefined || $metadata?.httpStatusCode === undefined;
  throw Object.assign(new Error(isReadable ? message : 'what AWS answered could not be read'), {
    name,
    code,
    ...($metadata !== undefined && { $metadata: { httpStatusCode: $metadata.httpStatusCode } }),
  });
}
