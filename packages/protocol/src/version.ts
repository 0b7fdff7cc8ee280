/**
 * The version of everything in this package. It rises with every change of a schema, an error code or a limit;
 * `test/wire-hash.test.ts` pins it together with a hash of them all, so that the wire cannot change by accident.
 */
export const PROTOCOL_VERSION = 3
