type DesktopNotification = {
  title: string
  body: string
  path: string
  tag: string
  /** Whose it is. */
  userId: string | undefined
  onOpen: () => void
}

/** Whether the browser would show any, has not been asked, or does not know them. */
export function desktopPermission(): NotificationPermission | 'unsupported' {
  return 'Notification' in window ? Notification.permission : 'unsupported'
}

/** One per room: a newer one takes its place. Text, whatever it says. */
export async function showDesktopNotification(note: DesktopNotification): Promise<void> {
  if (desktopPermission() !== 'granted') return
  const { body, tag, path, userId } = note
  const options = { body, tag, icon: '/icons/icon-192.png', data: { path, userId } }
  const worker = await navigator.serviceWorker?.getRegistration()
  if (worker !== undefined) {
    await worker.showNotification(note.title, options)
    return
  }
  const shown = new Notification(note.title, options)
  shown.onclick = () => {
    window.focus()
    note.onOpen()
    shown.close()
  }
}

/** Tells the service worker, which follows a notification that was pressed, whose page this is. @returns what ends that. */
export function answerForPerson(userId: () => string | undefined): () => void {
  const { serviceWorker } = navigator
  const answer = ({ ports }: MessageEvent) => ports[0]?.postMessage(userId())
  serviceWorker?.addEventListener('message', answer)
  return () => serviceWorker?.removeEventListener('message', answer)
}
