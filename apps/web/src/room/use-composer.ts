import type { Attachment, MessageState, RoomHandle, RoomState, SentMessage } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { type ComponentProps, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { memberName } from '../rooms/room-face.ts'
import { useAttempt } from '../use-attempt.ts'
import type { Composer, ComposerMode } from './composer.tsx'
import { useDrafts } from './drafts.ts'
import { useTray } from './use-tray.ts'

type ComposerInput = { room: RoomState | undefined; meId: UserId | undefined; items: readonly MessageState[] }

type Target = { kind: 'new' } | { kind: 'reply' | 'edit'; message: SentMessage }

export type ComposerControl = {
  props: ComponentProps<typeof Composer>
  reply(message: SentMessage): void
  edit(message: SentMessage): void
  /** Files for what is being written. */
  attach(files: readonly File[]): void
}

/** What is being written in a room: a new message, an answer or a change of an earlier one; the draft and its keeping. */
export function useComposer(handle: RoomHandle, { room, meId, items }: ComposerInput): ComposerControl {
  const { t } = useTranslation()
  const attempt = useAttempt()
  const drafts = useDrafts()
  const input = useRef<HTMLTextAreaElement>(null)
  const { roomId } = handle
  const tray = useTray(roomId)
  const [target, setTarget] = useState<Target>({ kind: 'new' })
  const [edited, setEdited] = useState('')
  const [draft, setDraft] = useState(() => drafts.get(roomId))
  useEffect(() => () => handle.setTyping(false), [handle])
  const known = room !== undefined
  useEffect(() => {
    // Whoever opens a room with a mouse or a keyboard is about to write; on a phone the keyboard would cover the room.
    if (known && matchMedia('(pointer: fine)').matches) input.current?.focus({ preventScroll: true })
  }, [known])

  const aim = (next: Target) => {
    setTarget(next)
    if (next.kind === 'edit') setEdited(next.message.text)
    input.current?.focus()
    // The menu it was chosen in takes the focus once more while it closes.
    requestAnimationFrame(() => input.current?.focus())
  }
  const writeDraft = (text: string) => {
    setDraft(text)
    drafts.set(roomId, text)
  }
  /** @returns whether it is on its way; what is refused at once stays, and what lacks its files waits for them. */
  const send = (): boolean => {
    try {
      return tray.send((attachments) => {
        handle.send(draft.trim(), optionsOf(target, attachments))
        writeDraft('')
      })
    } catch (error) {
      attempt(Promise.reject(error))
      return false
    }
  }
  const submit = () => {
    handle.setTyping(false)
    if (target.kind === 'edit') {
      if (edited.trim() !== target.message.text) attempt(handle.edit(target.message.seq, edited.trim()))
    } else if (!send()) return
    aim({ kind: 'new' })
  }
  // An earlier message may be being changed by now: that goes on.
  tray.whenReady.current = () => {
    if (send() && target.kind !== 'edit') aim({ kind: 'new' })
  }
  const change = (text: string) => {
    if (target.kind === 'edit') setEdited(text)
    else {
      writeDraft(text)
      handle.setTyping(text.trim() !== '')
    }
  }
  const editLast = () => {
    const last = items.findLast(
      (item): item is SentMessage =>
        item.state === 'sent' && item.senderId === meId && item.deletedAt === undefined,
    )
    if (last !== undefined) aim({ kind: 'edit', message: last })
  }
  const attach = (added: readonly File[]) => {
    tray.props.onFiles(added)
    input.current?.focus()
  }
  const nameOf = (message: SentMessage) =>
    message.senderId === meId
      ? t('person.you')
      : ((room && memberName(room, message.senderId)) ?? t('person.former'))

  return {
    props: {
      value: target.kind === 'edit' ? edited : draft,
      mode: modeOf(target, nameOf),
      input,
      onSubmit: submit,
      onChange: change,
      onCancelMode: () => aim({ kind: 'new' }),
      onEditLast: editLast,
      ...tray.props,
      onFiles: attach,
      onRemoveFile: (key) => {
        tray.props.onRemoveFile(key)
        // The button that had the focus is gone with the file.
        input.current?.focus()
      },
    },
    reply: (message) => aim({ kind: 'reply', message }),
    edit: (message) => aim({ kind: 'edit', message }),
    attach,
  }
}

function optionsOf(target: Target, attachments: readonly Attachment[]): Parameters<RoomHandle['send']>[1] {
  return {
    ...(target.kind === 'reply' ? { replyTo: target.message.seq } : {}),
    ...(attachments.length === 0 ? {} : { attachments }),
  }
}

function modeOf(target: Target, nameOf: (message: SentMessage) => string): ComposerMode {
  if (target.kind === 'new') return target
  const { text } = target.message
  return target.kind === 'edit'
    ? { kind: 'edit', text }
    : { kind: 'reply', name: nameOf(target.message), text }
}
