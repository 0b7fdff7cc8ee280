import { optional, variable } from './variable.ts'
import { flag, keySetUrl, namedKeys, secretText, text, wholeNumber } from './variable-types.ts'

/** Who people are. */
export const identity = {
  jwtSecret: optional({
    name: 'JWT_SECRET',
    type: secretText(16),
    description: 'Secret of tokens signed with HS256; 32 characters or more.',
    secret: true,
  }),
  jwksUrl: optional({
    name: 'JWKS_URL',
    type: keySetUrl(),
    description: 'Key set of tokens signed with RS256, ES256 or EdDSA.',
  }),
  jwtIssuer: optional({ name: 'JWT_ISSUER', type: text(), description: 'Required `iss` of a token.' }),
  jwtAudience: optional({ name: 'JWT_AUDIENCE', type: text(), description: 'Required `aud` of a token.' }),
  tokenMaxAgeDays: variable({
    name: 'TALLY_TOKEN_MAX_AGE_DAYS',
    type: wholeNumber({ min: 1, max: 3_650 }),
    default: 30,
    description: 'How long after its `iat` a token without `exp` is good. One with neither is refused.',
  }),
  apiKeys: variable({
    name: 'API_KEYS',
    type: namedKeys(16),
    default: [],
    fallbackText: 'none',
    description: "Keys of the host's backend, as `name:key,name2:key2`. Take a key out to revoke it.",
    secret: true,
  }),
  singleSession: variable({
    name: 'SINGLE_SESSION',
    type: flag(),
    default: false,
    description: 'One connection per person: a newer one ends the older.',
  }),
}
