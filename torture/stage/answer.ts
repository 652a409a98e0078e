export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Of a call to our own API, whatever it says. Raises where nobody answers. */
export async function answerOf(calling: Promise<Response>): Promise<Answer> {
  const response = await calling;
  return { status: response.status, body: JSON.parse(await response.text()) as Record<string, unknown> };
}
