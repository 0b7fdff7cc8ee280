import type { RoomHandle, RoomState, SentMessage } from '@tally/client'
import type { Seq } from '@tally/protocol'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReportTarget } from '../report/report-dialog.tsx'
import { memberName } from '../rooms/room-face.ts'
import { useRouter } from '../routing/router.ts'
import type { Confirmation } from '../ui/confirm-popup.tsx'
import { useToasts } from '../ui/toasts.ts'
import { useAttempt } from '../use-attempt.ts'
import { type MessageActions, useStableActions } from './message-actions.ts'
import type { MessageAction } from './message-toolbar.tsx'
import type { ComposerControl } from './use-composer.ts'

type MessageActionsControl = {
  actions: MessageActions
  confirmation: Confirmation | null
  closeConfirmation: () => void
}

/** What happens when somebody does something with a message. */
export function useMessageActions(
  handle: RoomHandle,
  input: {
    composer: ComposerControl
    room: RoomState | undefined
    onJump: (seq: Seq) => void
    onReport: (target: ReportTarget) => void
  },
): MessageActionsControl {
  const { composer, room, onJump, onReport } = input
  const { t } = useTranslation()
  const attempt = useAttempt()
  const toasts = useToasts()
  const router = useRouter()
  const [confirmation, setConfirmation] = useState<Confirmation | null>(null)

  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text)
    toasts.show(t('message.copied'))
  }
  const askToDelete = (message: SentMessage) =>
    setConfirmation({
      title: t('confirm.delete'),
      hint: t('confirm.deleteHint'),
      action: t('message.delete'),
      onConfirm: () => attempt(handle.delete(message.seq)),
      // The button that asked for it goes with the message.
      focusAfter: composer.props.input,
    })
  // The room is left: while it is open, what comes would be read again at once.
  const markUnread = (message: SentMessage) => {
    attempt(handle.markUnread(message.seq))
    router.go('/')
  }
  const report = (message: SentMessage) =>
    onReport({
      kind: 'message',
      name: (room && memberName(room, message.senderId)) ?? t('person.former'),
      userId: message.senderId,
      message,
    })
  const act: Record<MessageAction, (message: SentMessage) => void> = {
    reply: composer.reply,
    edit: composer.edit,
    copy: (message) => attempt(copy(message.text)),
    delete: askToDelete,
    'mark-unread': markUnread,
    report,
  }
  return {
    actions: useStableActions({
      onAction: (message, action) => act[action](message),
      onReact: (message, emoji, on) => attempt(handle.react(message.seq, emoji, on)),
      onRetry: (message) => handle.retry(message.clientId),
      onDiscard: (message) => handle.discard(message.clientId),
      onRewrite: composer.rewrite,
      onJump,
    }),
    confirmation,
    closeConfirmation: () => setConfirmation(null),
  }
}
