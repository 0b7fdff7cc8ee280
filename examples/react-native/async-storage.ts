import AsyncStorage from '@react-native-async-storage/async-storage'
import type { KeyValueStorage } from '@tally/client'

/** What was written offline outlives the app: the outbox is kept in AsyncStorage. */
export const asyncStorage: KeyValueStorage = {
  async entries(prefix) {
    const keys = (await AsyncStorage.getAllKeys()).filter((key) => key.startsWith(prefix))
    const entries = await AsyncStorage.multiGet(keys)
    return entries.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]))
  },
  set: (key, value) => AsyncStorage.setItem(key, value),
  delete: (key) => AsyncStorage.removeItem(key),
}
