// Node's openai client against the practice model: node client.mjs ROOT_URL
// Prints one line for each part that went well; the first failure ends it with exit code 1.
import assert from "node:assert/strict";
import OpenAI from "openai";

const root = process.argv[2];
const model = "gpt-4.1-mini";
const options = { baseURL: `${root}/v1`, apiKey: "practice", maxRetries: 0 };
const client = new OpenAI(options);
const ask = (content) => [{ role: "user", content }];
const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "Get the current weather in a city.",
      parameters: {
        type: "object",
        properties: { city: { type: "string", description: "Name of the city" } },
        required: ["city"],
      },
    },
  },
];

async function fault(order) {
  const answer = await fetch(`${root}/_practice/faults`, {
    method: "POST",
    headers: { authorization: "Bearer practice", "content-type": "application/json" },
    body: JSON.stringify(order),
  });
  assert.equal(answer.status, 201);
}

const parts = {
  async "an answer"() {
    const answer = await client.chat.completions.create({ model, messages: ask("Hello!") });
    assert.ok(answer.choices[0].message.content);
    assert.equal(answer.choices[0].finish_reason, "stop");
    const { prompt_tokens, completion_tokens, total_tokens } = answer.usage;
    assert.equal(prompt_tokens + completion_tokens, total_tokens);
  },

  async "a stream with usage"() {
    const whole = await client.chat.completions.create({ model, messages: ask("Hello!") });
    const stream = await client.chat.completions.create({
      model,
      messages: ask("Hello!"),
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0].message.content);
    assert.equal(usage.total_tokens, whole.usage.total_tokens);
  },

  async "the stream helper"() {
    const runner = client.chat.completions.stream({ model, messages: ask("Hello!"), n: 1 });
    const final = await runner.finalChatCompletion();
    assert.ok(final.choices[0].message.content);
  },

  async "a tool call, its result and the answer to it"() {
    const seen = [];
    const runner = client.chat.completions.runTools({
      model,
      messages: ask("What is the weather in Lisbon?"),
      tools: [
        {
          type: "function",
          function: {
            ...tools[0].function,
            parse: JSON.parse,
            function: ({ city }) => {
              seen.push(city);
              return `18 degrees and sunny in ${city}`;
            },
          },
        },
      ],
    });
    const text = await runner.finalContent();
    assert.equal(seen.length, 1);
    assert.match(seen[0], /Lisbon/);
    assert.match(text, /18/);
  },

  async "structured output"() {
    const answer = await client.chat.completions.create({
      model,
      messages: ask("Ada Lovelace is 36 years old."),
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "person",
          strict: true,
          schema: {
            type: "object",
            properties: { name: { type: "string" }, age: { type: "integer" } },
            required: ["name", "age"],
            additionalProperties: false,
          },
        },
      },
    });
    assert.equal(JSON.parse(answer.choices[0].message.content).age, 36);
  },

  async "a response"() {
    const answer = await client.responses.create({ model, input: "Hello!" });
    assert.ok(answer.output_text);
    assert.equal(answer.status, "completed");
    const { input_tokens, output_tokens, total_tokens } = answer.usage;
    assert.equal(input_tokens + output_tokens, total_tokens);
    assert.equal((await client.responses.retrieve(answer.id)).output_text, answer.output_text);
    await client.responses.delete(answer.id);
    await assert.rejects(client.responses.retrieve(answer.id), OpenAI.NotFoundError);
  },

  async "a streamed response"() {
    const whole = await client.responses.create({ model, input: "Hello!" });
    let text = "";
    let last = null;
    for await (const event of await client.responses.create({
      model,
      input: "Hello!",
      stream: true,
    })) {
      if (event.type === "response.output_text.delta") text += event.delta;
      last = event;
    }
    assert.equal(text, whole.output_text);
    assert.equal(last.type, "response.completed");
    const final = await client.responses.stream({ model, input: "Hello!" }).finalResponse();
    assert.equal(final.output_text, whole.output_text);
  },

  async "a response that calls a function, and one that goes on from it"() {
    const functions = [{ type: "function", strict: false, ...tools[0].function }];
    const first = await client.responses.create({
      model,
      input: "What is the weather in Lisbon?",
      tools: functions,
    });
    const [call] = first.output;
    assert.equal(call.type, "function_call");
    assert.match(JSON.parse(call.arguments).city, /Lisbon/);
    const second = await client.responses.create({
      model,
      previous_response_id: first.id,
      input: [{ type: "function_call_output", call_id: call.call_id, output: "18 degrees" }],
      tools: functions,
    });
    assert.match(second.output_text, /18/);
  },

  async "a structured response"() {
    const answer = await client.responses.parse({
      model,
      input: "Ada Lovelace is 36 years old.",
      text: {
        format: {
          type: "json_schema",
          name: "person",
          strict: true,
          schema: {
            type: "object",
            properties: { name: { type: "string" }, age: { type: "integer" } },
            required: ["name", "age"],
            additionalProperties: false,
          },
        },
      },
    });
    assert.equal(answer.output_parsed.age, 36);
  },

  async "embeddings"() {
    const packed = await client.embeddings.create({
      model: "text-embedding-3-small",
      input: ["a red bicycle", "tax law"],
    });
    const plain = await client.embeddings.create({
      model: "text-embedding-3-small",
      input: ["a red bicycle", "tax law"],
      encoding_format: "float",
    });
    assert.equal(packed.data.length, 2);
    packed.data.forEach((one, index) => {
      assert.equal(one.embedding.length, 1536);
      one.embedding.forEach((value, place) => {
        assert.ok(Math.abs(value - plain.data[index].embedding[place]) < 1e-6);
      });
    });
  },

  async "models"() {
    const names = [];
    for await (const one of client.models.list()) names.push(one.id);
    assert.ok(names.includes(model));
    assert.equal((await client.models.retrieve(model)).id, model);
  },

  async "errors of its own classes"() {
    await assert.rejects(
      new OpenAI({ ...options, apiKey: "wrong" }).models.list(),
      OpenAI.AuthenticationError,
    );
    await assert.rejects(
      client.chat.completions.create({ model: "gpt-99", messages: ask("Hello!") }),
      OpenAI.NotFoundError,
    );
    await assert.rejects(
      client.chat.completions.create({ model, messages: [] }),
      OpenAI.BadRequestError,
    );
    await assert.rejects(
      client.responses.create({ model, input: "And?", previous_response_id: "resp_none" }),
      OpenAI.BadRequestError,
    );
  },

  async "faults of its own classes"() {
    const hello = (more = {}) =>
      client.chat.completions.create({ model, messages: ask("Hello!") }, more);
    await fault({ faults: [{ kind: "rate_limit", retry_after: 1 }] });
    await assert.rejects(hello(), OpenAI.RateLimitError);
    await fault({ faults: [{ kind: "server_error" }] });
    await assert.rejects(hello(), OpenAI.InternalServerError);
    await fault({ faults: [{ kind: "drop" }] });
    await assert.rejects(hello(), OpenAI.APIConnectionError);
    await fault({ faults: [{ kind: "slow", seconds: 60 }] });
    await assert.rejects(hello({ timeout: 200 }), OpenAI.APIConnectionTimeoutError);
    await fault({ faults: [{ kind: "drop_mid", after_chunks: 2 }] });
    const stream = await client.chat.completions.create({
      model,
      messages: ask("Hello!"),
      stream: true,
    });
    await assert.rejects(async () => {
      for await (const chunk of stream) void chunk;
    });
    await hello();
  },

  async "retries until it goes well"() {
    await fault({ faults: [{ kind: "rate_limit", retry_after: 0.01 }], times: 2 });
    const patient = new OpenAI({ ...options, maxRetries: 2 });
    const answer = await patient.chat.completions.create({ model, messages: ask("Hello!") });
    assert.ok(answer.choices[0].message.content);
  },
};

for (const [name, part] of Object.entries(parts)) {
  await part();
  console.log(name);
}
process.exit(0);
