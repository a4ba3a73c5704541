/** Those who ask the same while it is being answered get the same answer. */
export const createSharing = <Answer>() => {
  const running = new Map<string, Promise<Answer>>()
  return (key: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const same = running.get(key)
    if (same !== undefined) return same
    const answer = ask().finally(() => running.delete(key))
    running.set(key, answer)
    return answer
  }
}
