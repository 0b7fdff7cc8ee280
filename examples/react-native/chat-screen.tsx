import { createTally, type RoomId } from '@tally/client'
import { TallyProvider, useBadge, useMessages, useRooms } from '@tally/react'
import { useEffect, useState } from 'react'
import { AppState, FlatList, Pressable, SafeAreaView, Text, TextInput } from 'react-native'
import { asyncStorage } from './async-storage.ts'
import { fetchToken } from './fetch-token.ts'

const tally = createTally({ url: 'https://chat.example.com', token: fetchToken, storage: asyncStorage })

/** Without a network nothing older can be had: the next scroll to the end asks again. */
const stayAsItIs = () => {}

export function ChatScreen() {
  const [roomId, setRoomId] = useState<RoomId | null>(null)
  useEffect(() => {
    // In the background no room counts as open, and nothing is read.
    const watch = AppState.addEventListener('change', (state) => tally.setVisible(state === 'active'))
    return () => watch.remove()
  }, [])
  return (
    <TallyProvider language="ko" tally={tally}>
      <SafeAreaView>{roomId === null ? <Rooms onOpen={setRoomId} /> : <Room roomId={roomId} />}</SafeAreaView>
    </TallyProvider>
  )
}

function Rooms({ onOpen }: { onOpen: (roomId: RoomId) => void }) {
  const badge = useBadge()
  const { items, hasMore, loadMore } = useRooms()
  return (
    <FlatList
      data={items}
      keyExtractor={({ id }) => id}
      ListHeaderComponent={<Text>Chats {badge?.total ?? ''}</Text>}
      onEndReached={() => hasMore && loadMore().catch(stayAsItIs)}
      renderItem={({ item }) => (
        <Pressable accessibilityRole="button" onPress={() => onOpen(item.id)}>
          <Text>{item.title ?? item.members.map(({ name }) => name).join(', ')}</Text>
          <Text accessibilityLabel={`${item.me.unread} unread`}>{item.me.unread || ''}</Text>
        </Pressable>
      )}
    />
  )
}

function Room({ roomId }: { roomId: RoomId }) {
  const { items, send, markRead, loadBefore, hasBefore } = useMessages(roomId)
  const [text, setText] = useState('')
  return (
    <>
      <FlatList
        data={[...items].reverse()}
        inverted
        keyExtractor={({ key }) => key}
        onEndReached={() => hasBefore && loadBefore().catch(stayAsItIs)}
        onViewableItemsChanged={({ viewableItems }) => {
          // What was on the screen is read; the list is upside down, so the first one is the newest.
          const newest = viewableItems[0]?.item
          if (newest?.state === 'sent') markRead(newest.seq)
        }}
        renderItem={({ item }) => <Text>{item.text}</Text>}
      />
      <TextInput
        accessibilityLabel="Write a message"
        onChangeText={setText}
        onSubmitEditing={() => {
          if (text.trim() === '') return
          send(text)
          setText('')
        }}
        value={text}
      />
    </>
  )
}
