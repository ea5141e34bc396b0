// Reads mails, one base64 line each, and writes what mailparser finds in each as JSON.
const readline = require("node:readline");
const { simpleParser } = require("mailparser");

const people = (header) =>
    (header ? header.value : []).map(({ name, address }) => [name, address || ""]);

async function main() {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const mail = await simpleParser(Buffer.from(line, "base64"));
        const found = { subject: mail.subject || "" };
        for (const name of ["from", "to", "cc", "replyTo"]) {
            found[name] = people(mail[name]);
        }
        process.stdout.write(`${JSON.stringify(found)}\n`);
    }
}

main();
