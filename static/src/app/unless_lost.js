import { ConnectionLostError } from "@web/core/network/rpc";

/** Return what the server answers, undefined while the connection is lost: for who asks
 * again and again. */
export async function unlessLost(answer) {
    try {
        return await answer;
    } catch (error) {
        if (!(error instanceof ConnectionLostError)) {
            throw error;
        }
    }
}
