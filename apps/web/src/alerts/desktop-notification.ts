type DesktopNotification = { title: string; body: string; path: string; tag: string; onOpen: () => void }

/** Whether the browser would show any, has not been asked, or does not know them. */
export function desktopPermission(): NotificationPermission | 'unsupported' {
  return 'Notification' in window ? Notification.permission : 'unsupported'
}

/** One per room: a newer one takes its place. Text, whatever it says. */
export async function showDesktopNotification(note: DesktopNotification): Promise<void> {
  if (desktopPermission() !== 'granted') return
  const options = { body: note.body, tag: note.tag, icon: '/icons/icon-192.png', data: { path: note.path } }
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
