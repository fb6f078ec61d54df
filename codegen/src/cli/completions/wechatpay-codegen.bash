# eval "$(wechatpay-codegen completions bash)"
_wechatpay_codegen() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' word words
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            generate | check | learn | diff | openapi | ir | explain | completions) command=$word; break ;;
        esac
    done
    case $command:$previous in
        *:--specs) compopt -o nospace 2>/dev/null; COMPREPLY=($(compgen -d -S / -- "$current")); return ;;
        *:--link | *:--source) COMPREPLY=(); return ;;
        *:--reading) COMPREPLY=($(compgen -f -- "$current")); return ;;
        check:--format) words='human json github' ;;
        diff:--format) words='human markdown json changelog' ;;
        check:--deny) words=warnings ;;
        *:--since) words=$(git for-each-ref --format='%(refname:short)' refs/tags refs/heads 2>/dev/null) ;;
        *)
            words='--specs --quiet --help --version'
            case $command in
                '') words+=' generate check learn diff openapi ir explain completions' ;;
                generate) words+=' --check' ;;
                check) words+=' --format --deny --since --reading' ;;
                learn) words+=' --source' ;;
                diff) words+=' --format --link --since' ;;
                completions) words+=' bash zsh fish' ;;
            esac
            case $command:$current in
                diff:-* | learn:-* | explain:-*) ;;
                diff:* | learn:* | explain:*) COMPREPLY=($(compgen -f -- "$current")); return ;;
            esac
            ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _wechatpay_codegen wechatpay-codegen
