import { type NextRequest, NextResponse } from 'next/server'
import { accessToken } from '../../../../../lib/access-token.ts'

const TALLY_URL = process.env.TALLY_URL ?? 'http://localhost:5004'

/**
 * Hands a poll on to Tally as the person who is signed in, and the answer back as it is. Works on a serverless host:
 * nothing is held between two polls.
 */
export async function GET(request: NextRequest, { params }: { params: Promise<{ roomId: string }> }) {
  const { roomId } = await params
  const after = request.nextUrl.searchParams.get('after') ?? ''
  const answer = await fetch(
    `${TALLY_URL}/api/chat/${encodeURIComponent(roomId)}/messages?after=${encodeURIComponent(after)}`,
    { headers: { authorization: `Bearer ${await accessToken()}` }, cache: 'no-store' },
  )
  return NextResponse.json(await answer.json(), { status: answer.status })
}

export async function POST(request: NextRequest, { params }: { params: Promise<{ roomId: string }> }) {
  const { roomId } = await params
  const answer = await fetch(`${TALLY_URL}/api/chat/${encodeURIComponent(roomId)}/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await accessToken()}`, 'content-type': 'application/json' },
    body: JSON.stringify(await request.json()),
  })
  return NextResponse.json(await answer.json(), { status: answer.status })
}
