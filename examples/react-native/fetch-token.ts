/** Your own server signs people in and makes the token. */
export async function fetchToken(): Promise<string> {
  const response = await fetch('https://www.example.com/api/chat-token', { method: 'POST' })
  const { token } = (await response.json()) as { token: string }
  return token
}
