import { cookies } from 'next/headers'

/** The Tally token of whoever is signed in; here from a cookie, in your product from your session. */
export async function accessToken(): Promise<string> {
  return (await cookies()).get('tally-token')?.value ?? ''
}
