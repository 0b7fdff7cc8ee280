import { PolledRoom } from './polled-room.tsx'

export default async function Page({ params }: { params: Promise<{ roomId: string }> }) {
  return <PolledRoom roomId={(await params).roomId} />
}
