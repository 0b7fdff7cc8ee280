import type { MessageState, PendingMessage, RoomHandle, RoomState, SentMessage } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { type ComponentProps, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { memberName } from '../rooms/room-face.ts'
import type { Composer, ComposerMode } from './composer.tsx'
import type { Aim } from './drafts.ts'
import { useDraft } from './use-draft.ts'

type ComposerInput = { room: RoomState | undefined; meId: UserId | undefined; items: readonly MessageState[] }

export type ComposerControl = {
  props: ComponentProps<typeof Composer>
  reply(message: SentMessage): void
  edit(message: SentMessage): void
  /** Takes back what was not sent, before what is being written. */
  rewrite(message: PendingMessage): void
  /** Files for what is being written. */
  attach(files: readonly File[]): void
}

/** What is being written in a room: a new message, an answer or a change of an earlier one. */
export function useComposer(handle: RoomHandle, { room, meId, items }: ComposerInput): ComposerControl {
  const { t } = useTranslation()
  const input = useRef<HTMLTextAreaElement>(null)
  const draft = useDraft(handle)
  const { tray } = draft
  const { edit: editing } = draft.aim
  useEffect(() => () => handle.setTyping(false), [handle])
  const known = room !== undefined
  useEffect(() => {
    // Whoever opens a room with a mouse or a keyboard is about to write; on a phone the keyboard would cover the room.
    if (known && matchMedia('(pointer: fine)').matches) input.current?.focus({ preventScroll: true })
  }, [known])

  const aim = (next: Partial<Aim>) => {
    draft.setAim(next)
    input.current?.focus()
  }
  const submit = () => {
    handle.setTyping(false)
    if (editing === null) draft.send()
    else draft.save(editing)
    aim({ edit: null })
  }
  const change = (text: string) => {
    if (editing !== null) draft.setAim({ edit: { ...editing, text } })
    else {
      draft.write(text)
      handle.setTyping(text.trim() !== '')
    }
  }
  const edit = (message: SentMessage) => aim({ edit: { message, text: message.text } })
  const rewrite = ({ clientId, text }: PendingMessage) => {
    draft.write(draft.text === '' ? text : `${text}\n${draft.text}`)
    handle.discard(clientId)
    aim({ edit: null })
  }
  const editLast = () => {
    const last = items.findLast(
      (item): item is SentMessage =>
        item.state === 'sent' && item.senderId === meId && item.deletedAt === undefined,
    )
    if (last !== undefined) edit(last)
  }
  const attach = (added: readonly File[]) => {
    tray.add(added)
    input.current?.focus()
  }
  const nameOf = (message: SentMessage) =>
    message.senderId === meId
      ? t('person.you')
      : ((room && memberName(room, message.senderId)) ?? t('person.former'))

  return {
    props: {
      value: editing?.text ?? draft.text,
      mode: modeOf(draft.aim, nameOf),
      input,
      onSubmit: submit,
      onChange: change,
      onCancelMode: () => {
        aim(editing === null ? { answered: null } : { edit: null })
      },
      onEditLast: editLast,
      files: draft.files,
      waiting: draft.waiting,
      onFiles: attach,
      onRemoveFile: (key) => {
        tray.remove(key)
        // The button that had the focus is gone with the file.
        input.current?.focus()
      },
      onRetryFile: tray.retry,
    },
    reply: (message) => aim({ answered: message, edit: null }),
    edit,
    rewrite,
    attach,
  }
}

function modeOf({ edit, answered }: Aim, nameOf: (message: SentMessage) => string): ComposerMode {
  if (edit !== null) return { kind: 'edit', text: edit.message.text }
  if (answered === null) return { kind: 'new' }
  return { kind: 'reply', name: nameOf(answered), text: answered.text }
}
