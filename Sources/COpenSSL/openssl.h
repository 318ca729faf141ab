#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// What OpenSSL has as macros, which Swift does not see.

static inline int openssl_use_tls12_or_newer(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static inline void openssl_refuse_renegotiation(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
}

static inline void openssl_release_idle_buffers(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

static inline void openssl_set_session_cache(SSL_CTX *context, int mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline int openssl_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(context, certificate) == 1;
}

static inline int openssl_set_server_name(SSL *connection, const char *name) {
    return SSL_set_tlsext_host_name(connection, name) == 1;
}

static inline void openssl_set_owner(SSL *connection, void *owner) {
    SSL_set_app_data(connection, owner);
}

static inline void *openssl_owner(const SSL *connection) {
    return SSL_get_app_data(connection);
}

// Memory that is empty is no end: more may come.
static inline BIO *openssl_memory(void) {
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory) BIO_set_mem_eof_return(memory, -1);
    return memory;
}

static inline long openssl_contents(BIO *memory, char **start) {
    return BIO_get_mem_data(memory, start);
}

static inline int openssl_error_reason(unsigned long error) {
    return ERR_GET_REASON(error);
}

static inline int openssl_error_is_of_tls(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_SSL;
}

// Whether PEM was looked for and is not there, or not any more.
static inline int openssl_error_is_no_pem(unsigned long error) {
    int library = ERR_GET_LIB(error);
    return (library == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE)
        || (library == ERR_LIB_OSSL_DECODER && ERR_GET_REASON(error) == ERR_R_UNSUPPORTED);
}

// The text of an error: OpenSSL has none for those of the system.
static inline const char *openssl_error_text(unsigned long error) {
    return ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
}

static inline int openssl_names_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}

static inline const GENERAL_NAME *openssl_name(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

static inline const ASN1_STRING *openssl_domain_name(const GENERAL_NAME *name) {
    return name->type == GEN_DNS ? name->d.dNSName : NULL;
}

static inline const ASN1_STRING *openssl_ip_address(const GENERAL_NAME *name) {
    return name->type == GEN_IPADD ? name->d.iPAddress : NULL;
}

// As "CN=alice,O=Example"; letters of other languages as they are.
static inline int openssl_print_subject(BIO *memory, const X509 *certificate) {
    unsigned long flags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
    return X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0, flags) >= 0;
}
