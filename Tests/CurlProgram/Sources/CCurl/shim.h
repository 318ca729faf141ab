// What Swift cannot call of libcurl: functions whose number of arguments varies.
#include <curl/curl.h>

typedef int (*transfer_socket_function)(CURL *transfer, curl_socket_t socket, int what, void *data, void *socket_data);
typedef int (*transfer_timer_function)(CURLM *all, long milliseconds, void *data);
typedef size_t (*transfer_body_function)(char *bytes, size_t size, size_t count, void *data);

static inline void transfers_tell(CURLM *all, transfer_socket_function sockets, transfer_timer_function timer, void *data) {
    curl_multi_setopt(all, CURLMOPT_SOCKETFUNCTION, sockets);
    curl_multi_setopt(all, CURLMOPT_SOCKETDATA, data);
    curl_multi_setopt(all, CURLMOPT_TIMERFUNCTION, timer);
    curl_multi_setopt(all, CURLMOPT_TIMERDATA, data);
}

static inline void transfer_prepare(CURL *transfer, const char *address, transfer_body_function body, void *data) {
    curl_easy_setopt(transfer, CURLOPT_URL, address);
    curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, body);
    curl_easy_setopt(transfer, CURLOPT_WRITEDATA, data);
}

static inline long transfer_status(CURL *transfer) {
    long status = 0;
    curl_easy_getinfo(transfer, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/// The next transfer that has ended, and its result; NULL when there is none.
static inline CURL *transfers_ended(CURLM *all, CURLcode *result) {
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(all, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        return message->easy_handle;
    }
    return NULL;
}
