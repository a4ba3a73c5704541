/** Why something could not be had, in the server's words; nothing where there is no reason. */
export const Failure = ({ of: reason }: { readonly of: string | undefined }) =>
  reason === undefined ? null : (
    <p class="error" role="alert">
      {reason}
    </p>
  )
