import type { DemoName } from './people.ts'

/** One line of a conversation: who, what, and how many minutes before now. */
export type DemoLine = {
  from: DemoName | 'system'
  text: string
  minutesAgo: number
  type?: string
  replyTo?: number
}

export type DemoConversation = {
  key: string
  kind: 'direct' | 'group'
  title?: string
  /** The first one is the job seeker of a direct conversation, the second the company. */
  members: DemoName[]
  jobTitle?: string
  lines: DemoLine[]
  /** Up to which line each has read; who is not named has read everything. */
  read?: Partial<Record<DemoName, number>>
  reactions?: { line: number; from: DemoName; emoji: string }[]
  mutedBy?: DemoName[]
}

const DAY = 24 * 60

export const DEMO_CONVERSATIONS: DemoConversation[] = [
  {
    key: 'demo:farm-minjun',
    kind: 'direct',
    members: ['minjun', 'farm'],
    jobTitle: '사과 수확 · 8월',
    lines: [
      { from: 'farm', text: '민준 씨, 이번 주말 수확 일정 보내드릴게요.', minutesAgo: DAY + 190 },
      { from: 'farm', text: '토요일 아침 7시, 농장 입구에서 만나요.', minutesAgo: DAY + 188 },
      { from: 'minjun', text: '네, 감사합니다!', minutesAgo: DAY + 160 },
    ],
  },
  {
    key: 'demo:notice-august',
    kind: 'group',
    title: '공지 · 8월 지원자 방',
    members: ['hanbit', 'minjun', 'lan', 'bat', 'seoyeon', 'cafe'],
    lines: [
      { from: 'system', text: '한빛 식당님이 방을 만들었습니다.', minutesAgo: 3 * DAY, type: 'system' },
      {
        from: 'hanbit',
        text: '8월 지원자 여러분, 반갑습니다. 공지는 이 방에 올릴게요.',
        minutesAgo: 3 * DAY - 2,
      },
      { from: 'lan', text: '안녕하세요! 잘 부탁드립니다.', minutesAgo: 2 * DAY + 300 },
      { from: 'bat', text: '보건증은 언제까지 내면 되나요?', minutesAgo: 2 * DAY + 280 },
      { from: 'hanbit', text: '첫 출근 날까지 가져오시면 됩니다.', minutesAgo: 2 * DAY + 270, replyTo: 4 },
      { from: 'bat', text: '네, 감사합니다.', minutesAgo: 2 * DAY + 268 },
      { from: 'seoyeon', text: '저는 내일 받으러 가요. 같이 가실 분?', minutesAgo: DAY + 90 },
      { from: 'lan', text: '저요! 10시에 보건소 앞에서 봐요.', minutesAgo: DAY + 85 },
      { from: 'cafe', text: '민지: 다들 수고하셨어요', minutesAgo: 260 },
    ],
    read: { minjun: 4, lan: 8, bat: 6, seoyeon: 8 },
    reactions: [
      { line: 2, from: 'lan', emoji: '👏' },
      { line: 2, from: 'bat', emoji: '👏' },
    ],
    mutedBy: ['minjun'],
  },
  {
    key: 'demo:cafe-minjun',
    kind: 'direct',
    members: ['minjun', 'cafe'],
    jobTitle: '바리스타 (주말)',
    lines: [
      { from: 'minjun', text: '주말 바리스타 자리에 지원합니다. 라테 아트 가능해요.', minutesAgo: DAY + 20 },
      { from: 'cafe', text: '지원 고맙습니다! 근무는 토·일 9시부터 3시까지예요.', minutesAgo: 200 },
      { from: 'cafe', text: '시급은 12,000원이고 식사 드려요.', minutesAgo: 199 },
      { from: 'cafe', text: '근로계약서 초안을 준비해 둘게요.', minutesAgo: 156 },
    ],
    read: { minjun: 1 },
  },
  {
    key: 'demo:logistics-minjun',
    kind: 'direct',
    members: ['minjun', 'logistics'],
    jobTitle: '물류 분류 · 야간',
    lines: [
      { from: 'minjun', text: '이력서 보내드립니다.', minutesAgo: 180, type: 'resume' },
      { from: 'logistics', text: '이력서 잘 받았습니다.', minutesAgo: 90 },
      { from: 'logistics', text: '야간 근무(22시~6시) 괜찮으신가요?', minutesAgo: 88 },
      { from: 'logistics', text: '통근 버스는 강남역과 사당역에서 출발해요.', minutesAgo: 62 },
      {
        from: 'logistics',
        text: '이력서 잘 받았습니다. 한 가지 더 여쭤볼게요. 지게차 면허가 있으신가요?',
        minutesAgo: 61,
      },
    ],
    read: { minjun: 1 },
  },
  {
    key: 'demo:hanbit-minjun',
    kind: 'direct',
    members: ['minjun', 'hanbit'],
    jobTitle: '주방 보조 · 마포구',
    lines: [
      { from: 'minjun', text: '안녕하세요! 주방 보조 공고 보고 연락드립니다.', minutesAgo: 69 },
      { from: 'minjun', text: '이력서 · 김민준 · 주방 2년, 한국어 중급', minutesAgo: 68, type: 'resume' },
      { from: 'hanbit', text: '반갑습니다, 민준 씨. 이력서 잘 봤어요 🙂', minutesAgo: 64 },
      { from: 'hanbit', text: '경력이 저희와 잘 맞는 것 같습니다.', minutesAgo: 59 },
      { from: 'hanbit', text: '내일 면접 시간 괜찮으세요? 오후 3시 어떠신가요?', minutesAgo: 58 },
    ],
    read: { minjun: 3 },
    reactions: [{ line: 3, from: 'minjun', emoji: '👍' }],
  },
  {
    key: 'demo:hanbit-lan',
    kind: 'direct',
    members: ['lan', 'hanbit'],
    jobTitle: '홀 서빙 · 마포구',
    lines: [
      {
        from: 'hanbit',
        text: '란 씨, 합격을 축하드려요! 다음 주 월요일부터 나오시면 됩니다.',
        minutesAgo: DAY + 400,
      },
      { from: 'lan', text: '감사합니다', minutesAgo: DAY + 380 },
    ],
  },
  {
    key: 'demo:hanbit-bat',
    kind: 'direct',
    members: ['bat', 'hanbit'],
    jobTitle: '주방 보조 · 마포구',
    lines: [
      { from: 'hanbit', text: '면접은 금요일 2시입니다.', minutesAgo: 4 * DAY },
      { from: 'bat', text: '네 알겠습니다', minutesAgo: 4 * DAY - 30 },
    ],
  },
  {
    key: 'demo:cafe-seoyeon',
    kind: 'direct',
    members: ['seoyeon', 'cafe'],
    jobTitle: '바리스타 (평일)',
    lines: [
      { from: 'seoyeon', text: '평일 오전 근무도 가능할까요?', minutesAgo: 45 },
      { from: 'seoyeon', text: '자기소개 영상을 올렸어요.', minutesAgo: 44, type: 'video_introduction' },
    ],
    read: { cafe: 0 },
  },
  {
    key: 'demo:logistics-lan',
    kind: 'direct',
    members: ['lan', 'logistics'],
    jobTitle: '물류 분류 · 주간',
    lines: [
      { from: 'lan', text: '주간 근무 자리가 아직 있나요?', minutesAgo: 130 },
      { from: 'logistics', text: '네, 두 자리 남았습니다. 이번 주에 방문하실 수 있나요?', minutesAgo: 120 },
    ],
    read: { lan: 1 },
  },
]

/** A conversation whose other side withdrew. */
export const DEMO_WITHDRAWN_LINE: DemoLine = {
  from: 'minjun',
  text: '안녕하세요, 지원 관련해서 여쭤보고 싶은 게 있어요.',
  minutesAgo: 12 * DAY,
}

export const DEMO_NOTIFICATIONS = [
  {
    to: 'minjun' as DemoName,
    type: 'application_viewed',
    title: '한빛 식당이 지원서를 봤습니다',
    content: '주방 보조 · 마포구',
  },
  {
    to: 'minjun' as DemoName,
    type: 'job_recommended',
    title: '새 공고 3건이 조건에 맞아요',
    content: '마포구 · 주방 · 주 5일',
  },
]
