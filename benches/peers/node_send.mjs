// What a message costs with Twilio's own library for Node: the request, and nothing else.
import twilio from "twilio";

const [url, count] = [process.argv[2], Number(process.argv[3])];
const client = twilio("AC" + "f".repeat(32), "the fake's auth token");
client.api.baseUrl = url;

const [began, before] = [performance.now(), process.cpuUsage()];
let sent = 0;
for (let number = 0; number < count; number += 1) {
  const message = await client.messages.create({
    to: `+1212736${String(1000 + (number % 9000)).padStart(4, "0")}`,
    from: "+15005550006",
    body: "Hi Ada, it is spring. Reply STOP to opt out",
  });
  if (message.sid.startsWith("SM")) sent += 1;
}
const { user, system } = process.cpuUsage(before);
const cost = { cpu: (user + system) / 1e6, wall: (performance.now() - began) / 1000 };
console.log(JSON.stringify({ cost, sent }));
