import { z } from 'zod'

export const LONGEST_MOOD = 200

/** What clients of the mood service send and get; a number is taken as its text. */
export const MoodBody = z.object({
  user: z.string().optional(),
  mood: z
    .union([z.string(), z.number().transform(String)])
    .refine((mood) => mood !== '' && Array.from(mood).length <= LONGEST_MOOD),
})
export const MoodFields = z.object({ user: z.string().optional(), mood: z.string() })
export const MoodAnswer = z.object({ Date: z.string(), Mood: z.string() })
export const MoodQuery = z.object({ user: z.string().optional(), tz: z.string().optional() })

const Entry = z.object({ Date: z.string(), Mood: z.string(), streak: z.number() })
/** By the name of the user. */
export const Moods = z.record(
  z.string(),
  z.object({ mood_data: z.array(Entry), streak: z.number() }),
)
export type Moods = z.infer<typeof Moods>
export const Refusal = z.object({ message: z.string() })
