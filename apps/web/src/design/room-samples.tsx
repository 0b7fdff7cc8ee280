import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { NotificationRow } from '../notifications/notification-row.tsx'
import { RoomListSkeleton } from '../rooms/room-list-skeleton.tsx'
import { RoomRow } from '../rooms/room-row.tsx'
import { FoundList } from '../search/found-list.tsx'
import { SendSign } from '../ui/send-sign.tsx'
import { ME, NOW, sampleNotifications, sampleSearches } from './sample-data.ts'
import { Sample, Section } from './section.tsx'

/** Rows of the lists. */
export function RoomSamples() {
  const { t } = useTranslation()
  const format = useFormat()
  const at = (time: string) => format.listTime(time, NOW)
  const row = { online: false, unread: 0, muted: false }
  return (
    <Section title="Rows">
      <div className="grid gap-6 md:grid-cols-2">
        <Sample name="room: new, here and open, muted, read, gone, typing, draft, long">
          <div className="w-full max-w-[360px] rounded-3 border border-line bg-paper py-2">
            <RoomRow
              {...row}
              name="서울 물류센터"
              preview="이력서 잘 받았습니다. 한 가지 더…"
              time={at('2025-08-14T05:38:00Z')}
              unread={4}
            />
            <div aria-current="page" className="bg-sunken">
              <RoomRow
                {...row}
                name="한빛 식당"
                online
                preview="내일 면접 시간 괜찮으세요?"
                time={at('2025-08-14T05:41:00Z')}
              />
            </div>
            <RoomRow
              {...row}
              muted
              name="공지 · 8월 지원자 방"
              preview="민지: 다들 수고하셨어요"
              time={at('2025-08-14T02:20:00Z')}
              unread={26}
            />
            <RoomRow
              {...row}
              name="푸른 농장"
              preview={
                <>
                  <SendSign label={t('message.read')} state="read" /> 네, 감사합니다!
                </>
              }
              time={at('2025-08-13T05:00:00Z')}
            />
            <RoomRow
              {...row}
              name={null}
              preview="안녕하세요, 지원 관련해서…"
              time={at('2025-08-02T05:00:00Z')}
            />
            <RoomRow
              {...row}
              name="카페 온도"
              online
              preview={t('chats.typing')}
              time={at('2025-08-14T04:05:00Z')}
              unread={3}
            />
            <RoomRow
              {...row}
              name="응우옌 티 란"
              preview={
                <>
                  <span className="text-ink-3">{t('chats.draft')} </span>내일 뵙겠습니다
                </>
              }
              time={at('2025-08-11T05:00:00Z')}
            />
            <RoomRow
              {...row}
              name="아주 긴 이름을 가진 주식회사 대한민국 종합 물류 유통 센터"
              preview="그리고 그만큼 긴 마지막 메시지도 한 줄 안에서 끝나야 합니다"
              time={at('2024-12-31T05:00:00Z')}
              unread={12_345}
            />
          </div>
        </Sample>
        <Sample name="search: found, on its way, nothing, too little">
          <div className="grid w-full max-w-[360px] gap-2 rounded-3 border border-line bg-paper py-2">
            {sampleSearches.map((found) => (
              <FoundList
                found={found}
                key={found.state + found.items.length}
                meId={ME}
                now={NOW}
                rooms={[]}
              />
            ))}
          </div>
        </Sample>
        <Sample name="while it loads; notifications: new, read">
          <div className="w-full max-w-[360px] rounded-3 border border-line bg-paper py-2">
            <RoomListSkeleton />
          </div>
          <div className="w-full max-w-[360px] rounded-3 border border-line bg-raised py-1">
            {sampleNotifications.map((notification) => (
              <NotificationRow
                ago={format.ago('2025-08-14T05:36:00Z', NOW)}
                key={notification.id}
                notification={notification}
                onMove={() => {}}
                onOpen={() => {}}
              />
            ))}
          </div>
        </Sample>
      </div>
    </Section>
  )
}
