import type { MessageState } from '@tally/client'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrayFile } from '../files/upload-tray.ts'
import { useFormat } from '../format/format-context.ts'
import { Composer, type ComposerMode } from '../room/composer.tsx'
import { DayLine } from '../room/day-line.tsx'
import { HistorySkeleton } from '../room/history-skeleton.tsx'
import { MessageMeta } from '../room/message-meta.tsx'
import { MessageRow } from '../room/message-row.tsx'
import { MessageToolbar } from '../room/message-toolbar.tsx'
import { NewBelowButton } from '../room/new-below-button.tsx'
import { NewLine } from '../room/new-line.tsx'
import { Reactions } from '../room/reactions.tsx'
import { ReplyQuote } from '../room/reply-quote.tsx'
import { SystemLine } from '../room/system-line.tsx'
import { TypingLine } from '../room/typing-line.tsx'
import type { SendState } from '../ui/send-sign.tsx'
import {
  ME,
  NOW,
  sampleAttachment,
  sampleFiles,
  sampleMessage,
  samplePending,
  sampleReactions,
} from './sample-data.ts'
import { Sample, Section } from './section.tsx'

const nothing = () => {}

/** Everything that stands in a history, and where one writes. */
export function MessageSamples() {
  return (
    <Section title="Messages">
      <div className="grid gap-6 lg:grid-cols-2">
        <Sample name="a history">
          <Conversation />
        </Sample>
        <Sample name="composer: new, reply, files (on their way, interrupted, refused, there), edit, too long; while it loads">
          <div className="@container grid w-full min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
            <Writing mode={{ kind: 'new' }} text="" />
            <Writing
              mode={{ kind: 'reply', name: '한빛 식당', text: '내일 면접 시간 괜찮으세요?' }}
              text={'네, 좋습니다.\n3시에 뵐게요.'}
            />
            <Writing files={sampleFiles} mode={{ kind: 'new' }} text="서류를 보내 드립니다" />
            <Writing mode={{ kind: 'edit', text: '내일 2시' }} text="내일 3시" />
            <Writing mode={{ kind: 'new' }} text={'가'.repeat(4_001)} />
            <div className="flex h-64 flex-col rounded-3 border border-line bg-raised">
              <HistorySkeleton />
            </div>
          </div>
        </Sample>
      </div>
    </Section>
  )
}

function Conversation() {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <div className="@container w-full rounded-3 border border-line bg-raised p-6">
      <DayLine text={format.day(NOW.toISOString(), NOW)} />
      <SystemLine text="응우옌 티 란 님이 들어왔습니다." />
      <Own message={sampleMessage('안녕하세요! 주방 보조 공고 보고 연락드립니다.', { senderId: ME })} />
      <Own message={sampleMessage('주방 2년 · 한국어 중급', { senderId: ME, type: 'resume' })} state="read" />
      <Own
        message={sampleMessage('근로계약서_초안.pdf', { senderId: ME, attachments: [sampleAttachment] })}
        state="sent"
      />
      <MessageRow
        message={sampleMessage('반갑습니다, 민준 씨. 이력서 잘 봤어요 🙂')}
        name="한빛 식당"
        own={false}
        reactions={<Reactions meId={ME} onReact={nothing} reactions={sampleReactions} />}
        toolbar={<MessageToolbar onAction={nothing} onOpenChange={nothing} onReact={nothing} own={false} />}
      />
      <NewLine count={2} />
      <MessageRow
        message={sampleMessage('경력이 저희와 잘 맞는 것 같습니다.')}
        name="한빛 식당"
        own={false}
        quote={<ReplyQuote name={t('person.you')} onOpen={nothing} text="주방 2년 · 한국어 중급" />}
      />
      <MessageRow
        message={sampleMessage('지워진 것', { deletedAt: '2025-08-14T05:41:00Z' })}
        name="한빛 식당"
        own={false}
      />
      <MessageRow
        marked
        message={sampleMessage('<b>굵게</b> & [링크](javascript:alert(1))')}
        name="한빛 식당"
        own={false}
      />
      <Own message={sampleMessage('네, 3시 좋습니다.', { senderId: ME })} readers={3} state="delivered" />
      <Own message={sampleMessage('도착했나요?', { senderId: ME })} state="delivered" />
      <Own message={sampleMessage('고친 것', { senderId: ME, editedAt: NOW.toISOString() })} state="sent" />
      <Own message={samplePending('준비할 것이 있을까요?', 'sending')} state="sending" />
      <Own message={samplePending('연결이 없을 때 쓴 것', 'sending')} state="sending" waiting />
      <Own message={samplePending('가지 못한 것', 'failed')} state="failed" />
      <TypingLine names={['한빛 식당']} />
      <div className="flex justify-end gap-2">
        <NewBelowButton count={0} onClick={nothing} />
        <NewBelowButton count={3} onClick={nothing} />
      </div>
    </div>
  )
}

type OwnProps = {
  message: MessageState
  state?: SendState
  readers?: number
  waiting?: boolean
}

function Own({ message, state, readers = 0, waiting = false }: OwnProps) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <MessageRow
      message={message}
      meta={
        state !== undefined && (
          <MessageMeta
            at={message.createdAt}
            deliveredTo={readers === 0 ? 0 : 5}
            moment={format.moment(message.createdAt)}
            failure={
              state === 'failed'
                ? { error: undefined, onRetry: nothing, onRewrite: null, onDiscard: nothing }
                : undefined
            }
            own
            others={readers === 0 ? 0 : 5}
            readers={readers}
            state={state}
            time={format.time(message.createdAt)}
            waiting={waiting}
          />
        )
      }
      name={t('person.you')}
      own
    />
  )
}

type WritingProps = { mode: ComposerMode; text: string; files?: readonly TrayFile[] }

function Writing({ mode, text, files = [] }: WritingProps) {
  const [value, setValue] = useState(text)
  const input = useRef<HTMLTextAreaElement>(null)
  return (
    <Composer
      files={files}
      input={input}
      mode={mode}
      onCancelMode={nothing}
      onChange={setValue}
      onEditLast={nothing}
      onFiles={nothing}
      onRemoveFile={nothing}
      onRetryFile={nothing}
      onSubmit={() => setValue('')}
      value={value}
      waiting={false}
    />
  )
}
