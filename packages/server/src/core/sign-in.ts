/** What the tokens of one sign-in have in common, as a hash: it is stored, and must not give a token away. */
export type SignIn = string & { readonly SignIn: true }
